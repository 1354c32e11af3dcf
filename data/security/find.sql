-- Ids of {table} whose number begins with, or whose words contain, what was typed: at most `cap`, and only of rows this person may see.
-- Where nothing was typed that could be looked for, nothing is found.
-- NULL means "not for an index, filter under your own policy": several accounts with limited sites, or words that one in five of the
-- newest rows has, which the list itself comes upon sooner than an index lists them all.
-- The caller joins the ids under its policies all the same. Internal notes are in none of these texts.
create or replace function authz.find_{table}(typed text, cap integer) returns bigint[]
language plpgsql stable security definer set search_path = '' as $$
declare
    s record;
    wanted bigint[];
    sites bigint[];
    requester bigint;
    scope tsquery;
    words tsquery := authz.words(typed);
    prefix text := upper(trim(typed));
    newest constant integer := 200;
    common constant integer := 40;
begin
    select * into s from authz.live_session();
    if not found or numnode(words) = 0 then return '{}'; end if;
    if s.kind = 'staff' and s.role <> 'account_manager' then
        if not authz.staff('{staff_function}') then return '{}'; end if;
        if common <= (select count(*) filter (where n.search @@ words) from (
            select t.search from portal.{table} t order by t.id desc limit newest) n) then return null; end if;
        return coalesce((select array_agg(id) from (
            (select t.id from portal.{table} t where t.{number} ^@ prefix limit cap)
            union
            (select t.id from portal.{table} t where t.search @@ words limit cap)) hits), '{}');
    end if;
    if s.kind = 'staff' then
        wanted := authz.managed('{function}');
    elsif nullif(current_setting('portal.accounts', true), '') is not null then
        wanted := authz.accounts('{function}');
        if {sited} and not wanted <@ authz.everywhere('{function}') then return null; end if;
    elsif authz.account('{function}') is not null then
        wanted := array[authz.account('{function}')];
        if {sited} then sites := authz.sites_of(s.person_id, wanted[1], '{function}'); end if;
    elsif {own_function} is not null and authz.account({own_function}) is not null then
        wanted := array[authz.account({own_function})];
        sites := authz.sites_of(s.person_id, wanted[1], {own_function});
        requester := s.person_id;
    end if;
    if coalesce(cardinality(wanted), 0) = 0 then return '{}'; end if;
    if cardinality(wanted) = 1 and sites is null and requester is null then
        if common <= (select count(*) filter (where n.search @@ words) from (
            select t.search from portal.{table} t where t.account_id = wanted[1] {narrowed} order by t.id desc limit newest) n)
        then return null; end if;
    end if;
    select string_agg(format('''@%s''', w), ' | ')::tsquery into scope from unnest(wanted) w;
    return coalesce((select array_agg(id) from (
        (select t.id from portal.{table} t
         where t.account_id = any (wanted) and t.{number} ^@ prefix {narrowed} limit cap)
        union
        (select t.id from portal.{table} t where t.search @@ (scope && words) {narrowed} limit cap)) hits), '{}');
end $$;
