"""Tickets in Indonesian."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from rules.request_types import FaultCategory, TaskType

INDONESIAN = Phrases(
    remote_hands={
        TaskType.EQUIPMENT_INSTALL: (
            Request(
                "Pasang {count} server di kabinet {cabinet}",
                "Mohon pasang {count} server di {cabinet} mulai dari U12 ke atas. Rel dan kabel ada di dalam kotak. Sambungkan satu catu daya "
                "ke feed A dan satu ke feed B, lalu beri tahu nomor stopkontaknya.",
            ),
            Request(
                "Tambah memori {device}",
                "{device} di {cabinet} sudah dimatikan. Mohon pasang {count} modul yang tiba minggu lalu di slot kosong, nyalakan, dan beri tahu "
                "apa yang tampil di layar.",
            ),
        ),
        TaskType.RESTART: (
            Request(
                "Matikan dan nyalakan lagi {device}",
                "{device} di kabinet {cabinet} tidak menjawab, port manajemennya pun tidak. Mohon tahan tombol daya sepuluh detik, nyalakan lagi, "
                "dan pastikan lampu depan hijau.",
            ),
            Request(
                "Mulai ulang switch di {cabinet}",
                "Setelah pembaruan firmware switch di {cabinet} macet. Mohon cabut feed A dan feed B selama satu menit lalu pasang lagi.",
            ),
        ),
        TaskType.CABLE_INSTALL: (
            Request(
                "Sambungkan {device} ke port {port}",
                "Mohon tarik kabel patch LC single-mode dari {device} di {cabinet} ke port panel {port}, beri label di kedua ujung, dan kirim level cahayanya.",
            ),
            Request(
                "{count} kabel tembaga baru di {cabinet}",
                "Mohon pasang {count} kabel kategori 6A di dalam {cabinet} dari panel patch ke {device}, mulai port {port}. Warna: biru.",
            ),
        ),
        TaskType.CABLE_MOVE: (
            Request(
                "Pindahkan uplink {device} ke port {port}",
                "Mohon pindahkan uplink {device} ke port {port} pada switch kedua di {cabinet}. Putus sebentar tidak apa-apa.",
            ),
        ),
        TaskType.CABLE_REMOVAL: (
            Request(
                "Cabut kabel yang tidak terpakai di {cabinet}",
                "Mohon cabut {count} kabel yang menggantung di belakang {cabinet} dan kirim foto sebelum dan sesudahnya.",
            ),
        ),
        TaskType.UNPACK_SHIPMENT: (
            Request(
                "Buka {count} kotak untuk {cabinet}",
                "{count} kotak kami sudah tiba. Mohon dibuka, periksa kerusakan, dan letakkan perangkat di depan {cabinet}. Kemasan boleh dibuang.",
            ),
        ),
        TaskType.LOCATE_PACKAGE: (
            Request(
                "Di mana paket kami?",
                "Menurut ekspedisi {count} paket sudah diantar ke {site} kemarin. Mohon periksa apakah ada di gudang dan beri tahu labelnya.",
            ),
        ),
        TaskType.PICTURES: (
            Request(
                "Foto kabinet {cabinet}",
                "Mohon kirim foto {cabinet} dari depan dan belakang, serta label {device}. Kami perlukan untuk audit.",
            ),
        ),
        TaskType.CAGE_CLEANUP: (
            Request(
                "Bersihkan lantai di sekitar {cabinet}",
                "Ada kardus dan dua palet di depan {cabinet}. Mohon diangkut dan disapu.",
            ),
        ),
        TaskType.ESCORT: (
            Request(
                "Dampingi teknisi di {cabinet}",
                "Teknisi mitra pemeliharaan kami datang mengganti disk di {device}. Mohon dampingi ke {cabinet} sekitar satu jam.",
            ),
        ),
        TaskType.OTHER: (
            Request(
                "Baca meter {cabinet}",
                "Mohon baca meter daya kedua feed {cabinet} serta suhu di depan dan di belakang.",
            ),
            Request(
                "Ganti pita cadangan di {device}",
                "Mohon masukkan pita berlabel {port} ke {device} dan simpan yang lama di brankas.",
            ),
        ),
    },
    faults={
        FaultCategory.POWER: (
            Request(
                "Feed A {cabinet} mati",
                "Sejak beberapa menit semua perangkat di {cabinet} hanya memakai feed B. Mungkin pemutusnya jatuh. Mohon segera diperiksa.",
            ),
            Request(
                "Angka daya {cabinet} melonjak",
                "Beban terukur {cabinet} berubah {count} kW dalam hitungan detik padahal mesin kami menganggur.",
            ),
        ),
        FaultCategory.COOLING: (
            Request(
                "Terlalu panas di {cabinet}",
                "Sensor kami di depan {cabinet} menunjukkan 31 °C dan terus naik. {device} mulai melambat.",
            ),
        ),
        FaultCategory.CROSS_CONNECT: (
            Request(
                "Cross connect {cabinet} port {port} kehilangan cahaya",
                "Tautan di port {port} {cabinet} putus tanpa perubahan dari pihak kami. Ujung seberang juga tidak menerima cahaya.",
            ),
            Request(
                "Galat pada cross connect di {cabinet}",
                "Galat CRC di port {port} bertambah sejak semalam. Mohon bersihkan dan ukur konektor di kedua sisi.",
            ),
        ),
        FaultCategory.NETWORK: (
            Request(
                "Paket hilang ke arah {site}",
                "Sejak pagi kami kehilangan sekitar {count} % paket di port internet {cabinet}. Hasil trace tersedia.",
            ),
        ),
        FaultCategory.PHYSICAL_SECURITY: (
            Request(
                "Pintu {cabinet} tidak bisa dikunci",
                "Teknisi kami tidak bisa mengunci pintu belakang {cabinet}. Mohon diamankan dan beri tahu siapa yang terakhir di dekatnya.",
            ),
        ),
        FaultCategory.OTHER: (
            Request(
                "Tetesan air di dekat {cabinet}",
                "Ada tetesan air di lantai sekitar dua meter dari {cabinet}. Mohon periksa pipa di atasnya.",
            ),
        ),
    },
    inbound=(
        Request(
            "Kiriman {count} server untuk {cabinet}",
            "{count} kotak server dari pemasok kami. Mohon disimpan sampai pemasangan minggu depan.",
        ),
        Request(
            "Suku cadang {device}",
            "Kotak kecil berisi disk dan catu daya untuk {device}. Mohon diantar ke {cabinet}.",
        ),
        Request(
            "Kartu jaringan dan kabel",
            "Satu kotak {count} kartu jaringan dan kabel patch, diasuransikan. Mohon beri tahu beratnya.",
        ),
    ),
    outbound=(
        Request(
            "Kirim {device} kembali ke pabrik",
            "{device} sudah dikemas di rak {cabinet}. Ekspedisi kami yang mengambil; label retur sudah ditempel.",
        ),
        Request(
            "Pengembalian {count} server lama",
            "Mohon kemas {count} server yang sudah dimatikan dari {cabinet} di satu palet untuk diambil.",
        ),
    ),
    visits=(
        Request(
            "Kunjungan pemeliharaan di {cabinet}",
            "Kami mengganti disk dan catu daya di {device}. Kami perlu troli dan monitor.",
        ),
        Request(
            "Kunjungan auditor",
            "Dua auditor ingin melihat kontrol akses dan {cabinet}. Tidak ada pekerjaan pada perangkat.",
        ),
        Request(
            "Pemasangan {count} server",
            "Tiga orang memasang {count} server di {cabinet}; alat kami bawa sendiri.",
        ),
    ),
    acknowledged=(
        "Terima kasih, permintaan Anda sudah kami terima. Teknisi segera ke {cabinet}.",
        "Diterima. Kami sedang bersiap dan akan memberi kabar begitu mulai.",
        "Terima kasih atas rinciannya. Sudah masuk daftar kerja regu di {site}.",
    ),
    scheduled=(
        "Teknisi sudah kami siapkan untuk waktu yang Anda minta.",
        "Sudah dijadwalkan. Kami mulai tepat waktu; mohon perangkat tetap dapat dijangkau untuk uji sesudahnya.",
    ),
    working=(
        "Kami sekarang di {cabinet}.",
        "Pekerjaan sudah dimulai; hasilnya akan kami kabarkan.",
        "Teknisi sudah menemukan tempatnya dan sedang bekerja.",
    ),
    questions=(
        "Ada dua perangkat dengan nama itu di {cabinet}. Nomor seri mana yang benar?",
        "Bolehkah sambungan {device} kami putus sekitar lima menit?",
        "Kabel di dalam kotak terlalu pendek. Boleh pakai milik kami, yang dikenai biaya?",
        "Mohon pastikan portnya: {port} sudah terpakai.",
    ),
    answers=(
        "Yang bawah, berlabel hijau. Silakan lanjutkan.",
        "Ya, silakan, layanannya sudah dipindahkan.",
        "Silakan pakai milik Anda; biayanya tidak masalah.",
        "Maaf, seharusnya port {port}. Terima kasih sudah bertanya.",
    ),
    finished=(
        "Selesai sesuai permintaan. Foto ada di regu {site}; silakan minta bila perlu lagi.",
        "Selesai di {cabinet}. Mohon diperiksa dari pihak Anda.",
        "Pekerjaan selesai. Beri tahu kami bila ada yang kurang.",
        "Semua selesai; tempatnya sudah rapi dan {cabinet} terkunci.",
    ),
    repaired=(
        "Penyebabnya ditemukan dan diperbaiki. Kami amati setengah jam: stabil.",
        "Komponen di dekat {cabinet} sudah diganti; semua angka kembali normal.",
        "Sudah diperbaiki. Mohon periksa {device} dari pihak Anda.",
        "Konektor sudah dibersihkan dan diukur; sejak itu tidak ada galat baru.",
    ),
    received=(
        "Kiriman Anda sudah tiba, {count} paket tanpa kerusakan yang tampak. Disimpan di gudang {site}.",
        "Diterima hari ini; satu kotak penyok, fotonya ada di regu. Mohon beri tahu apakah boleh dibuka.",
    ),
    approved=(
        "Kunjungan Anda disetujui. Mohon bawa kartu identitas; kartu tamu ada di resepsionis.",
        "Disetujui. Tamu Anda sudah ada di daftar {site}.",
    ),
    not_solved=(
        "Muncul lagi: alarm yang sama sejak satu jam lalu.",
        "Maaf, {device} mati lagi semalam.",
    ),
    thanks=(
        "Terima kasih, semuanya berfungsi.",
        "Bagus, terima kasih atas bantuan yang cepat.",
        "Sudah kami pastikan dari pihak kami. Terima kasih.",
    ),
    internal=(
        "Kunci {cabinet} ada pada kepala regu.",
        "Pelanggan peka soal kabinet ini; mohon berdua.",
        "Suku cadang dari gudang sendiri, akan ditagih.",
        "Diserahkan ke regu malam, menunggu jawaban pelanggan.",
        "Sudah dicek ke fasilitas: tidak ada alarm di busbar.",
    ),
    praise=("Cepat dan ramah.", "Persis seperti diminta, dengan foto.", "Bantuan hebat di malam hari."),
    complaints=("Jauh lebih lama dari janji.", "Kami harus bertanya dua kali soal hasilnya."),
    reasons={
        "cancelled": "Tidak diperlukan lagi: sudah kami atasi sendiri.",
        "rejected": "Tidak dapat dilakukan: perangkat itu milik perusahaan lain.",
        "refused": "Paketnya rusak dan pengemudi tidak mau menunggu.",
        "returned": "Tidak diambil selama masa simpan; dikembalikan ke pengirim.",
        "no_show": "Tamu tidak datang.",
        "waiting_customer": "Kami perlu jawaban Anda sebelum dapat melanjutkan.",
        "on_hold_customer": "Sesuai permintaan Anda kami menunggu jadwal pemeliharaan Anda.",
        "on_hold_operator": "Kami menunggu suku cadang dari pemasok.",
        "reopened": "Masalahnya muncul lagi.",
        "severity": "Sistem yang terdampak lebih banyak daripada dugaan awal.",
        "closed": "Ditutup sendiri lima hari setelah pekerjaan selesai.",
    },
)
