-- Where to pay an invoice. Bank details stand on the invoice and nowhere else: whoever reads the invoice reads them with it, by the
-- same rules as the policies of portal.invoice, and nobody reads them of an issuer.
create or replace function authz.bank_details(wanted uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
    found record;
begin
    select i.account_id, i.state, e.bank_details into found
    from portal.invoice i join portal.legal_entity e on e.id = i.issuer_id
    where i.uuid = wanted;
    if authz.staff('invoice.view') then return found.bank_details; end if;
    if found.state <> 'draft' and (
        found.account_id = authz.account('invoice.view')
        or found.account_id = any (authz.accounts('invoice.view'))
        or found.account_id = any (authz.managed('invoice.view')))
    then return found.bank_details; end if;
    return null;
end $$;
