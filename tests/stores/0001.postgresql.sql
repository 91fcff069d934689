SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.articles (
    key bigint NOT NULL,
    public_id text NOT NULL,
    source bigint NOT NULL,
    entry bigint,
    live smallint DEFAULT '1'::smallint NOT NULL,
    entered_at bigint NOT NULL,
    published bigint NOT NULL,
    updated bigint NOT NULL,
    edits bigint DEFAULT '0'::bigint NOT NULL,
    priority bigint DEFAULT '0'::bigint NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    url text DEFAULT ''::text NOT NULL,
    author text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    direction text DEFAULT ''::text NOT NULL,
    image text DEFAULT ''::text NOT NULL,
    quality text DEFAULT 'full'::text NOT NULL,
    origin text DEFAULT 'page'::text NOT NULL,
    layer text DEFAULT ''::text NOT NULL,
    tags text DEFAULT '[]'::text NOT NULL,
    text_hash bytea,
    fingerprint bytea NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.bands (
    band bigint NOT NULL,
    article bigint NOT NULL
);
CREATE TABLE public.blocks (
    site bigint NOT NULL,
    fingerprint bigint NOT NULL,
    articles bigint DEFAULT '1'::bigint NOT NULL,
    last_seen bigint DEFAULT '0'::bigint NOT NULL,
    override text DEFAULT ''::text NOT NULL,
    sample text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.copies (
    id bigint NOT NULL,
    article bigint NOT NULL,
    entry bigint,
    url text DEFAULT ''::text NOT NULL,
    source text DEFAULT ''::text NOT NULL
);
CREATE SEQUENCE public.copies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.copies_id_seq OWNED BY public.copies.id;
CREATE TABLE public.counters (
    name text NOT NULL,
    value bigint DEFAULT '0'::bigint NOT NULL
);
CREATE TABLE public.entries (
    id bigint NOT NULL,
    feed bigint NOT NULL,
    guid_key bytea NOT NULL,
    url_key bigint NOT NULL,
    hash bytea NOT NULL,
    verdict text DEFAULT 'pending'::text NOT NULL,
    rule text DEFAULT ''::text NOT NULL,
    rule_hash bytea NOT NULL,
    first_seen bigint NOT NULL,
    next_try bigint,
    attempts bigint DEFAULT '0'::bigint NOT NULL,
    changes bigint DEFAULT '0'::bigint NOT NULL,
    page smallint DEFAULT '1'::smallint NOT NULL,
    live smallint DEFAULT '1'::smallint NOT NULL,
    deleted smallint DEFAULT '0'::smallint NOT NULL,
    error_class text DEFAULT ''::text NOT NULL,
    article bigint,
    body bytea
);
CREATE SEQUENCE public.entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.entries_id_seq OWNED BY public.entries.id;
CREATE TABLE public.feeds (
    id bigint NOT NULL,
    url text NOT NULL,
    active smallint DEFAULT '1'::smallint NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    tags text DEFAULT '[]'::text NOT NULL,
    priority bigint DEFAULT '0'::bigint NOT NULL,
    articles bigint DEFAULT '0'::bigint NOT NULL,
    adopted_url text DEFAULT ''::text NOT NULL,
    moved_to text DEFAULT ''::text NOT NULL,
    moved_since bigint,
    moved_polls bigint DEFAULT '0'::bigint NOT NULL,
    feed_id text DEFAULT ''::text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    site_url text DEFAULT ''::text NOT NULL,
    author text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    hub_url text DEFAULT ''::text NOT NULL,
    self_url text DEFAULT ''::text NOT NULL,
    hint bigint,
    skip_hours text DEFAULT '[]'::text NOT NULL,
    skip_days text DEFAULT '[]'::text NOT NULL,
    last_changed bigint,
    last_full bigint,
    body_hash bytea NOT NULL,
    items bytea NOT NULL
);
CREATE SEQUENCE public.feeds_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.feeds_id_seq OWNED BY public.feeds.id;
CREATE TABLE public.hosts (
    host text NOT NULL,
    paused_until bigint DEFAULT '0'::bigint NOT NULL
);
CREATE TABLE public.imports (
    key bytea NOT NULL,
    article bigint NOT NULL
);
CREATE TABLE public.meta (
    name text NOT NULL,
    value text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.pages (
    key bigint NOT NULL,
    url text DEFAULT ''::text NOT NULL,
    final_url text DEFAULT ''::text NOT NULL,
    content_type text DEFAULT ''::text NOT NULL,
    etag text DEFAULT ''::text NOT NULL,
    last_modified text DEFAULT ''::text NOT NULL,
    fetched bigint DEFAULT '0'::bigint NOT NULL,
    size bigint DEFAULT '0'::bigint NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.polls (
    feed bigint NOT NULL,
    status text DEFAULT 'new'::text NOT NULL,
    validators_url text DEFAULT ''::text NOT NULL,
    etag text DEFAULT ''::text NOT NULL,
    last_modified text DEFAULT ''::text NOT NULL,
    error_class text DEFAULT ''::text NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    failures bigint DEFAULT '0'::bigint NOT NULL,
    last_attempt bigint,
    last_success bigint,
    next_poll bigint,
    rhythm bigint,
    silence bigint,
    trouble text DEFAULT ''::text NOT NULL,
    polls bigint DEFAULT '0'::bigint NOT NULL,
    not_modified bigint DEFAULT '0'::bigint NOT NULL,
    bytes_in bigint DEFAULT '0'::bigint NOT NULL
);
CREATE TABLE public.removed (
    article bigint NOT NULL,
    blocks bytea NOT NULL
);
CREATE TABLE public.sites (
    id bigint NOT NULL,
    host text NOT NULL,
    articles bigint DEFAULT '0'::bigint NOT NULL
);
CREATE SEQUENCE public.sites_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sites_id_seq OWNED BY public.sites.id;
CREATE TABLE public.sources (
    id bigint NOT NULL,
    key text NOT NULL,
    feed_url text DEFAULT ''::text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    site_url text DEFAULT ''::text NOT NULL,
    feed_id text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL,
    updated bigint
);
CREATE SEQUENCE public.sources_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.sources_id_seq OWNED BY public.sources.id;
CREATE TABLE public.subscriptions (
    path text NOT NULL,
    feed bigint NOT NULL,
    hub text DEFAULT ''::text NOT NULL,
    topic text DEFAULT ''::text NOT NULL,
    callback text DEFAULT ''::text NOT NULL,
    secret text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'wanted'::text NOT NULL,
    lease_end bigint,
    delivered bigint,
    next_try bigint,
    failures bigint DEFAULT '0'::bigint NOT NULL,
    error_class text DEFAULT ''::text NOT NULL,
    error text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.tombstones (
    key bigint NOT NULL
);
CREATE TABLE public.troubles (
    number bigint NOT NULL,
    feed_url text DEFAULT ''::text NOT NULL,
    kind text DEFAULT ''::text NOT NULL,
    at bigint DEFAULT '0'::bigint NOT NULL,
    title text DEFAULT ''::text NOT NULL,
    text text DEFAULT ''::text NOT NULL
);
CREATE SEQUENCE public.troubles_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.troubles_number_seq OWNED BY public.troubles.number;
CREATE TABLE public.urls (
    key bigint NOT NULL,
    article bigint NOT NULL,
    url text DEFAULT ''::text NOT NULL
);
CREATE TABLE public.words (
    rowid bigint NOT NULL,
    lexemes tsvector NOT NULL
);
ALTER TABLE ONLY public.copies ALTER COLUMN id SET DEFAULT nextval('public.copies_id_seq'::regclass);
ALTER TABLE ONLY public.entries ALTER COLUMN id SET DEFAULT nextval('public.entries_id_seq'::regclass);
ALTER TABLE ONLY public.feeds ALTER COLUMN id SET DEFAULT nextval('public.feeds_id_seq'::regclass);
ALTER TABLE ONLY public.sites ALTER COLUMN id SET DEFAULT nextval('public.sites_id_seq'::regclass);
ALTER TABLE ONLY public.sources ALTER COLUMN id SET DEFAULT nextval('public.sources_id_seq'::regclass);
ALTER TABLE ONLY public.troubles ALTER COLUMN number SET DEFAULT nextval('public.troubles_number_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.articles VALUES (1, 'https://news.example/tulips', 1, 1, 1, 1795338000000, 1795334400000, 1795334400000, 0, 0, 'Title of tulips', 'https://news.example/tulips', '', 'en', '', '', 'full', 'page', 'test', '["world"]', '\x6f7723831b1819a28fca9f743b148015', '\x6e6401006f7723831b1819a28fca9f743b14801578000000000000009582b800f3396f02811dcd031fdcf3009cc85704cd2702043ae5aa013f6f9d019557a40065af3801632525044b01850004d34a00f2b4c300ae321303b4f017018e02ef005e4a25003cb95704a63424000e586a000e67c800217b5004ea797e00fdcd1f005edeb500578a450090dc260bbce71200b2dbd701572c950276cd5f004dd5fc00d63e200095205f0236b900016bf659014c781f02d136b700419fb4007865e4083513da008b1e6500bec30001b1ebba00fa6f1100ef650a00a0158d0cc48ef3008cd22a0095629c0099240a00b5c73400ff85e901e8755b008c97780ef493ed03defc48004b05fd0002b6f700b43cbd027b2a2005eee31a086bb9250251d16b0099776e01ad562f004f244100065e020345a9d502cc4c0506f2979801c0d93f004db12804a86aa10039552c009ea066035a713f09d68e65011c3427006d0c310734df7201167d03001437b900ea751902a0048b004ae08f00e0a4b900ed772a0101839702168abd0538a4ab041634ec0039c97d010ac3420000e74f01d060370067cff300fe8d8d0083ffa5090f5563029e6ab103a8756504920765005ff73400da1a21015603f5010dfb9900b74e79010e03420298fcf001ec1d8100165d0606f86d5209c10b2600e6cdc6041238a60238121e00f6a0cf00eff9870348fb49002d73f0002b6ab4004421100170202401eaa45900b147a3029a63f001', '\x0128b52ffd60ee05bd120046788f1a60259d035c3f6cb02134b00b8c400080a3b540e9703402009c07870087008500636484cfd735054a32f155cf69cb97ac4dad2f6acd70f9146e735de44b88a417d1bc884eb55dc26e597d48a7b2ba1d043cbdf02632fa2d31364c3be863a57ec2bc1115035e295f857aa599b498e3570f7c6cdc338fdd44f2f9cc19aef8039256185d3038b43df3c3699f8b09a2ccbba4943699f2634b28a5f913f34893151e6120306836d180204d5fcbe7f4cc634dab89e1f15e8b44364fc4087278576d49ce23ae980ce665dd5344b3cf26b2810e48bcad6bf7de6d4b69788b328b225d2ed930032d79da2e99959f10855f22d9666ed82f72a39266dd4e44f1c4a3f008851740188a0dca49f28eb64071c29c7d532ea5a1fac31dce2071be8b6cfa256a23b7a4d1775f33a46dcda560d35d7218d29eb4d56fdc286fcf106fd3c6933bd486eca3526c9075e6ac6cab2cbebaa79ae2eeec424934549f0f82a6e4247e613e5555f3a6c43deeefd6f2bee28fa0f9b31289b5bd650b5ca638574f364a03facb575111adbc8af3108e37eeac8285900b119fa6948fe25f446f64396fc333d7a1f3344d86ccb5f9a1d07bf3fea974ce4a8de842de07058336d00606028379cd1c000c0a2f8000f181eed29d7af0994d3737bff178d780f30d53f316c8de287b32fb946b30e5cbc5b9e07af6379b4e1fee4689287b237730067fe542af65bbc54de1f7b6753dc635ec7051afa0159dc83a252ef9141ffa4ec683e6b8a53cd5235199bd9b74d254cbd90f8a7f337d71c2f692fdcb9a62056fd5714ce1865f6805001a77450165adc043af5089958ebea2a6292bef4a03');
INSERT INTO public.articles VALUES (2, 'https://news.example/bridge', 1, 2, 1, 1795338000000, 1795334400000, 1795334400000, 0, 0, 'Title of bridge', 'https://news.example/bridge', '', 'en', '', '', 'full', 'page', 'test', '["world"]', '\x6a3883f87a322e0698f10cb45025be76', '\x6e6401006a3883f87a322e0698f10cb45025be76780000000000000062ef6302e18cc8005acf650149ba0a0386042d0049e7660159f6dd01baf1a6007012310064ca03010626260032066304e07006006c28c8001811d0005b8a8902fb511b009f990d0336c7420288a1c004ed97970146a37d0a54636f0678283601139c0b013ce40e03ea6985002a8acd04e92c5c02fdb94101f9137900cc12ab0024860703ceefb502842d4f02c349f4007da5470027429d02df24e10b6390d6025baa900017a34700d75b0800f832520187638e016f06ca014f5a380153382900b04611093fe27f055a58c504941d29036e1b5c043666ed0008aab401cc8a71024180c8055769b5070cb97c008fd41c00b56e7702cd6d5600292e76032e8b060011a74d067c7e1206c164ec0172221206cd420705a422220134154602cd765500d70e28007a935100d4f76f01b8b7680086e702036942c60278b6ae0284b22204e47f6203030fbc02b3096300cdf1f6001a1c580144c3d100f3ebfa00062c6c006c6dd7019af4d803a27273041c258c0177ca19034dcd6902d63d0a00b30a1c04862ae405b1938d028af843044eb9c70133e1c0050e271500746a3f00f145e704e30e9c0168618501bc5a9a01429558032aa41d020bc85f010dba2101ef5ac001947f1700617ca00044af0000ce23f500c7717d0047710300c9b50b0040c0840020e86e04f39b9702a397b200d71aca026a8db801cb2daf01b2309b029fab9001', '\x0128b52ffd60c005451200a6368b1a60259d035c3f6cb08d061ed8652704c1d55a8174381a0100ce038400820081000ebebef92f9d342e6a4e10b276ae520fb190639519cdef8ee46629d5a43cbc3d3ee35065a37b859a24634fba74af46955cf9b1512e36c41149ae6f9e9feda08bf1cfb6d6da907e85788ae4b11e3e1634cfb72d69c7b39ad8b2f9bcee9ec01e8fad506cbe3ad12703a538c2e68d12d7494da40cd8c6af619023cbc2230c0406ac271a1004111da9668e5acebed475e986d958dc1f226a5da3be5539b9f81da9ccc751284bfc1e4359f7089b1755218216f6dbe09e29d2f921c2bb413a725c8639b2cd98f6f3c8e731fda4ede7b95c3e854728bc00826196a801bf2e4d0c9d1804cf7d32889d87deabe57026dde5d06498b79be5e9aadb1f5454b5e57b5adb64f57e6cafa9ea79b32f251b670ef6acd5d7c2f17865c3d6cfb9338aa1ee07c1b0fee5f626908af1daeefa5b6e2a83cf846544919cfba904bf0e7520faba6493d33ca5db674f0ce9ec3016051de269314bde9eea66e52e3699e738a5c654622fa57cf573c2db7eea5b2d7e5cd117624e08d50d6b95ef45a252c4d4e807815d4f7b8e687e5a85a73c05058336d00606028379cb1c000caec03196fcf45a6345dfe8c219bfd4f3321bbdcc65a077155b7bc4fb8974bf06abc2ca514e452357dad1ad705e0d8bd16e971d3622d1b027c5a897ec2664579d32fc729fab69670fb7e8a5f36a138311bd40fb737125f9434af883a937c9b11a74270abd7dee91d6420f5927772ec23ed96b7847e0600106000b6045a163ad6062ac5009885951c40163d7c404c45d69');
INSERT INTO public.articles VALUES (3, 'https://news.example/tanks', 1, 3, 1, 1795338000000, 1795334400000, 1795334400000, 0, 0, 'Title of tanks', 'https://news.example/tanks', '', 'en', '', '', 'full', 'page', 'test', '["world"]', '\x74fe15ef01b5c1e26ed3530478174294', '\x6e64010074fe15ef01b5c1e26ed35304781742947800000000000000796cbd0252d9b102734e8100333f7501d265d10024780800b3761f03baa00505dded8002f6d6e203cbeeff015d2aee03ff0a13014bf80a04514562025c03ba01d9c15c042cd9e6045baf2a000606e400e2207f01eee19a00cbf3c8018ff05502d9bed603f43b8f00511a1f00621c010279fb6601532ac500e49a25005a6b1602d408bb053a1e8400a115d5000f4a370100581b09e548ef04f277fc0439821f01e7867c00ce414e014a0d8d0536098b062ad8fd037eb5e901d34d5f0529bb9507dcad9504c080d803cf6c220198ba3d012ea11d009512020068335601c1788003ba9af60017860a042bf09100fc054207b92559034450d40340c34d02db63c2011eddc600e4bcdc00c507dd00a843b0058f412101a38c2c0185ad2004433acf022c4a9d007d84c8011c5b5d019dc4b100237932055f075202cac5b701ccaf76018161d6014974060195240901323e21011a600d00539c2b01276a9902cd4e1a03ff64780162810b00961801036c038f022e6d8f08dd9015027390e709a18ac001335f5200347f4900b67f9700a803830064b93301c02a34019341c00160799309e3a191003059ed010e2e1f007a2d7f00cb9c050419281900f388a00656d30d0014ff85006963f900ca479401ed91d5033b705c02b02aaa0326ef3602fc397900665ca001974c4a04fdec52023b84d300ff851102293a9201a91c7c0ba0936e02', '\x0128b52ffd609405d511000635871a60259d035c3f6cb0c186c846464a82a0d3b451e8703402009c0780007f007d00f1e285eed238c3a0adbc6555cd07d8eab9c25a4e1bf087746fb257ab5a0c719f5b7a4e3e1632adf263892d2fc3f853c8e83b5f3c7192a4a8d04f95a74dfd9211b1bda36ce274ee711356ed8ae429af7b3f6eba17147595f8140d7b7ac42b3a0ccfb14a9aece139a774e8c392a5bcf69532d50c4b6fc40a8f3010182c36870141f7eb10dc5a7ebf7b95dcc292a69b75712d02b3634749868fea5df2abeeb3459af65654d1566fb082eaf0b4af944ec785980deff64432c0212f88c0f3f2b0d6ad25fc034b6522171ea1f0020837a681c4c53d24da3fac30fc9511da98d0dd4303366ec21b025741f3c50af896516f38dc774c7394afdb2362b37cd87224e9696fce3e7dd682becd2af40e957a6e4db69518526f4c6d3fa6358545ca82cfc6b4aa9d1ed72c1aba6e8b6beb432a17151ee08d94a45e2a0e11b41075fcea77ca14e411bdf1faa95c38e0f9781c33eb39da2742e85be987ca49be91e573ac125ce2b5d25384ae245b5862f88e0c83a7f148772e391b066bb3bf14f94b1905058336d006060283797b0e000662d66828c9e5629c57679e8e42bf99b28be745153fb5ca7ee22fc20f0e1f470273a27dd412d7b725bf4c1fd3f5f6f251f71bd8c5482961879e63bb61a0078f8bf899ebcd59a88ea27912b622bf048d736af1fb8d39c9feab153d4f7bb25a94eae9c5ca9e6576776318f66e321029f3bcb13107006fa54280b22ce0d154a86403aa28c2b75560962d49ca8abbd2');
INSERT INTO public.articles VALUES (4, 'https://news.example/edited', 1, 5, 1, 1795338000000, 1795334400000, 1795341600000, 1, 0, 'Title of edited', 'https://news.example/edited', '', 'en', '', '', 'full', 'page', 'test', '["world"]', '\xe9bfba12f66cc51871c479903fe6bfed', '\x6e640100e9bfba12f66cc51871c479903fe6bfed78000000000000001e6622036716fe00465d63051e5b3800d42b1402bf16c20501be4000211d45005c499402b2dd990396ad65006d09a300b359cb00919a0904710e9b035856cf0170a1850083febb0013fae601fff7080315e3b40066dde1015489070bcf5f5d034dee880539e64f00d9b6c301d1fcf6039e948103da34e9008b543100b2c390017e404b00be9f9f01a055f501ae6d34005bdcaa0174dac6001ddabb00721bab001798d302fc41480102f85f024e816e00fae08200effa1500a61bdc004fd379005c7efe00ba1ba6008e1cce01da616705225f1e022f6936005ecbd30126237e02686f250360ab30015b426b064adff0037b22db02cbfabc062f48c500f07d2d00207bae07f018950088bbff024a29e5017ed77601653331038467bf01a8570a00fae0b70320635500076aad02ce5e4002726e24006cbbf2012cd01800688d3b02b61a5404b6452e0147112c03c59b2300c5c30a01d4dad504acb21001341e3e02b93f6b006e4ea103665a5402e01213018c881901c8695e05d24b240386ba6903527b760064761e068926ad00fa40fd03102a2f0478139b00d3cc280106d53702bbdd830587c92f0347078305c48b59015d457200707f84053658c4007717530060530500e8d5a7001554cf026df0e30031385600236b3c00150bd502947e400438fd47009d9cad0160bb6400e75d0f045a6c64014c6e3b05e2a4d802dee55803', '\x0128b52ffd608205c51100b6f4861b6047b2036039b985df6e09794d0aae02007c8c70141a110100ce037f007f007c00eff3182abc32e8a4b875fcc4e72b483246f979fd41899fead0dd8caa60797d757bc7dba839f6f50c654fbd3f829d598eee555e2d4ae7bca8fa4a8498f25ad79b361e7626cabc29a87a0b876ada7b56993d183fd56052bda8fd38f66223f29134beb362c985d667bd330df4a9cdab2651a769d14931046f802040586c228241bd86ca5c2bf5599a70e569ba5367b8b161b7edba5161c96574f4cd2e3bc4232151413715d593641f1dcdbd005d7f18e3b6a57531087b0f29959db78ca624aef0659b71ef6cc84f5f71e860823740f002062e8d9f2c31a3ea707e176a4c581f718c6dbc9575b3097e57a16c2c2fb453b8a0c30d1da3b2299f6e4bbf5146e8024cd3e5ece4ca2b5a0c9d976557d22753253d546d7fbbb473e30af08a1823afd850a9d02115837467b2d35ba02b5a5b0a816fec311b5d7cec1e84284fdc4ed1f4245029b07319d2952d3f3cc4f286053a0aef8bd436b7b7dffa18c86525375c5eaaecb37b6ed9b14fbd1235a9b9319cf8285db498bb5e105af80ee801078456d00a080284c96512000896bd37db53ef813fb0227a55a1de96fc30b52d68e4c965f963188923e75163e324c2f4726319e7c22f068f963c4190c95155b3d009dfe20c107e254a285f20639420af6fc1286e4a5be676b23ac0b3382c216b2bef969f3011815e0e6372fe9404cb259a95def333dadad39f975d75562c0306000f41454161ad0080a85009c451a188840959538a0677a501');
INSERT INTO public.articles VALUES (5, 'tag:3c397835-cffa-422b-a232-8973a7285263,2026-11-22:d21d172ca3354a7ab3715032', 2, NULL, 1, 1795338000000, 1795338000000, 1795338000000, 0, 0, 'Title of saved', '', '', 'en', '', '', 'full', 'page', 'test', '[]', '\xd7b68e79946d286d8413c2e64f9e353d', '\x6e640100d7b68e79946d286d8413c2e64f9e353d7800000000000000a80ed1018323de022128490433661600c15d9906f6496d01acea0d02fa209c00f33a6f02910be90ed071e600154c7603a3e5a100afa18301d9faf900be653d0118683900dee59e0281f16e01c57d930274b10201e79a19022bcf4b03fa88e400a2724201c3709d011f386a0e9ea7f300846e9600ddaeb700d6432d0199b39206c7891e01b3f81208a8181805069f02022aa22205cc8a95029eb93c021566c4015f1a2e010941f0009461430192750d0172aff002b0377f0088e749007df30b0022c36600daf7a801adcf270003444000932bc3001fb797035cb6bd10f9097f048239120192c31e01ae22e200c4436102fcd0e20065372e00152cd600634982002665fb0180c73e016a443b05b3311e0067585a005f252e027744b1017fde2a001e6a7d01ed673b00c6f673032587ee00bc6383020075d20528b5e200bd8e4003ff1a0201343a07036035a20050d28b00de7d460498efc403f00a310087760e02e21e97001f8d96002efedd0502b12f00e58e200631b57904b16c9600a6ecde01b8362f08c82e3f019e4e9909dc3734004daabb021e359900273cb603281f4504d3d61a03cc1d3a00661537026eb6b900d92f18004cc261009c8ac601f9fbd801a59397010af463004ace2c0005941d041b4a9c00a3334d00147d6600ad76da0113577001a9c13e02bd793c062f6b2400e6d1500092d20000bcd4610485c5f402', '\x0128b52ffd60b6054d120086768b1b7025d90168762b20974605fccb2d0c60f587317601607ca4fa7f2f8300820082007d46487a32be4ba3ae57d69eacf961da5c87beb26219170bf9eae2792352a40feb3d4567526deb719c7abe0abaee11d254bf167cf41795f7656ddf34b6db3a2a692f77a982ae997f8b4133c96b9554dd794bec25c83841595dd4f8111ac8f7a3b4c3621255bc44620d8f68d809d32d47798714ef5eb48cc63b854718080cda2079401067a1682b51ef8598b20b45276e5737d53acb4655a56abe592bf74c10298b39bab031b1f2161668ce3391e933d51ba21837fc68a676a0fc62e22f63071546f59c2474dcca1f317b28f5c25442d9141ea1f00208a31f49b2e72159cde8391f51a6b91cbc37c59ec50bad23d4ea3913b7bcaad8d4209e27ee16d8f39e3162a9184e150a1d23b1271e9bcbf5e9712b11bf302e730b47a9aeef2821f3b1188e2a77d813d51df626b2f0088517405006cd79cecca0ce3a7a22d9c32ec3cd85e85d3e1cada393b15e26f9a10c23d374e9cf8dab49d73ca67e11846791b78d4e3eb985efdded932e2aaeb7545f1c6e270d59f8d6b80df81e071df56c11dba376aafe3557c8a1120f050337e006060203598f1c000c60a5e7b214951e98d8898cc3f9b0f3c437e227235bad7af9c35dec9c57fab0adcd718a5ef1fa1191f11e4d821f059743a7203c1caf3278a7acb4319e579b6ed8a2d5067969ab91d1e5b7abb4fd2107f459a8396f6fb047141e3e34c7680bf8648b37ea863b14af466a1699c3a6e70c374d76ba6e5ed6150600075b454164ad00c3ab50894658a1886243562206b9ae34');
INSERT INTO public.bands VALUES (-9057770430265573806, 1);
INSERT INTO public.bands VALUES (-9045989576708275908, 1);
INSERT INTO public.bands VALUES (-9016418059949252289, 1);
INSERT INTO public.bands VALUES (-7463446514562437383, 1);
INSERT INTO public.bands VALUES (-5435292075012867802, 1);
INSERT INTO public.bands VALUES (-5360422261673485799, 1);
INSERT INTO public.bands VALUES (-3795012682364317605, 1);
INSERT INTO public.bands VALUES (-3661738062189420186, 1);
INSERT INTO public.bands VALUES (-3495312492088398154, 1);
INSERT INTO public.bands VALUES (-3466767014407885395, 1);
INSERT INTO public.bands VALUES (-3181113067330091989, 1);
INSERT INTO public.bands VALUES (-2513355885227820365, 1);
INSERT INTO public.bands VALUES (-1093564070488754840, 1);
INSERT INTO public.bands VALUES (-626221924048697580, 1);
INSERT INTO public.bands VALUES (265181360172602095, 1);
INSERT INTO public.bands VALUES (1206706325762326619, 1);
INSERT INTO public.bands VALUES (1235430985870431111, 1);
INSERT INTO public.bands VALUES (1346909283602571285, 1);
INSERT INTO public.bands VALUES (1358414578051389348, 1);
INSERT INTO public.bands VALUES (1448767522418876718, 1);
INSERT INTO public.bands VALUES (2095111049291800356, 1);
INSERT INTO public.bands VALUES (2465661424024146898, 1);
INSERT INTO public.bands VALUES (2705956241555549985, 1);
INSERT INTO public.bands VALUES (3212792719581041084, 1);
INSERT INTO public.bands VALUES (3689176222729580413, 1);
INSERT INTO public.bands VALUES (4547859224657143897, 1);
INSERT INTO public.bands VALUES (4738716037383085708, 1);
INSERT INTO public.bands VALUES (6782914322642546782, 1);
INSERT INTO public.bands VALUES (6846303190049152784, 1);
INSERT INTO public.bands VALUES (7628626343752837656, 1);
INSERT INTO public.bands VALUES (8853694903681312673, 1);
INSERT INTO public.bands VALUES (8868791527163133801, 1);
INSERT INTO public.bands VALUES (-9106315330730263409, 2);
INSERT INTO public.bands VALUES (-8002949613534342751, 2);
INSERT INTO public.bands VALUES (-6896454289179132969, 2);
INSERT INTO public.bands VALUES (-6826857005693793098, 2);
INSERT INTO public.bands VALUES (-5968510034287720662, 2);
INSERT INTO public.bands VALUES (-5406915407012285948, 2);
INSERT INTO public.bands VALUES (-4275661675142430013, 2);
INSERT INTO public.bands VALUES (-3363896433995751685, 2);
INSERT INTO public.bands VALUES (-2978471008577166154, 2);
INSERT INTO public.bands VALUES (-2600074246188111580, 2);
INSERT INTO public.bands VALUES (-2561836760256576664, 2);
INSERT INTO public.bands VALUES (-2275912730949842714, 2);
INSERT INTO public.bands VALUES (-2242041245318858440, 2);
INSERT INTO public.bands VALUES (-1756803581733992182, 2);
INSERT INTO public.bands VALUES (-1307763445704222870, 2);
INSERT INTO public.bands VALUES (-1227545812326257592, 2);
INSERT INTO public.bands VALUES (-1197403997471789473, 2);
INSERT INTO public.bands VALUES (-1070970620203032641, 2);
INSERT INTO public.bands VALUES (-628338495008320429, 2);
INSERT INTO public.bands VALUES (839364205276678292, 2);
INSERT INTO public.bands VALUES (855663593525242120, 2);
INSERT INTO public.bands VALUES (4237358493857750674, 2);
INSERT INTO public.bands VALUES (4462370192541551866, 2);
INSERT INTO public.bands VALUES (4518294660579043998, 2);
INSERT INTO public.bands VALUES (4544810702729730139, 2);
INSERT INTO public.bands VALUES (5216514548300671878, 2);
INSERT INTO public.bands VALUES (5399413613709714698, 2);
INSERT INTO public.bands VALUES (5479767212057390884, 2);
INSERT INTO public.bands VALUES (5989406502135785439, 2);
INSERT INTO public.bands VALUES (7726834592839898819, 2);
INSERT INTO public.bands VALUES (8267325386164572324, 2);
INSERT INTO public.bands VALUES (9135929222680199161, 2);
INSERT INTO public.bands VALUES (-9193131506133060049, 3);
INSERT INTO public.bands VALUES (-8983612564726975909, 3);
INSERT INTO public.bands VALUES (-8301187480172767897, 3);
INSERT INTO public.bands VALUES (-7416502077814127567, 3);
INSERT INTO public.bands VALUES (-7211386464994262130, 3);
INSERT INTO public.bands VALUES (-7162248542826861640, 3);
INSERT INTO public.bands VALUES (-7122209381230329003, 3);
INSERT INTO public.bands VALUES (-6385741103783299252, 3);
INSERT INTO public.bands VALUES (-5955491735831510342, 3);
INSERT INTO public.bands VALUES (-4869874590845396680, 3);
INSERT INTO public.bands VALUES (-3946884634948841374, 3);
INSERT INTO public.bands VALUES (-3710732485314939445, 3);
INSERT INTO public.bands VALUES (-3079041112735515751, 3);
INSERT INTO public.bands VALUES (-1595928396317074225, 3);
INSERT INTO public.bands VALUES (-1272186907053014523, 3);
INSERT INTO public.bands VALUES (-1129065849263395996, 3);
INSERT INTO public.bands VALUES (-643680395902812265, 3);
INSERT INTO public.bands VALUES (-542749887776935291, 3);
INSERT INTO public.bands VALUES (-458866080230554257, 3);
INSERT INTO public.bands VALUES (1298058362480226932, 3);
INSERT INTO public.bands VALUES (1318149487882225533, 3);
INSERT INTO public.bands VALUES (1643312281196957715, 3);
INSERT INTO public.bands VALUES (2286409631114802895, 3);
INSERT INTO public.bands VALUES (2942806344783559024, 3);
INSERT INTO public.bands VALUES (3739023861957579004, 3);
INSERT INTO public.bands VALUES (3792322531689016243, 3);
INSERT INTO public.bands VALUES (4442712784432125124, 3);
INSERT INTO public.bands VALUES (5088481065963741816, 3);
INSERT INTO public.bands VALUES (5268406612363316379, 3);
INSERT INTO public.bands VALUES (5273830649264306835, 3);
INSERT INTO public.bands VALUES (6218142413864559645, 3);
INSERT INTO public.bands VALUES (6242326941500057578, 3);
INSERT INTO public.bands VALUES (-8754119202065245169, 4);
INSERT INTO public.bands VALUES (-7994147417188555012, 4);
INSERT INTO public.bands VALUES (-7964943900533018029, 4);
INSERT INTO public.bands VALUES (-7453708466919359183, 4);
INSERT INTO public.bands VALUES (-6865471105565542263, 4);
INSERT INTO public.bands VALUES (-5925105202542165748, 4);
INSERT INTO public.bands VALUES (-5076640274045889329, 4);
INSERT INTO public.bands VALUES (-4978949142962731825, 4);
INSERT INTO public.bands VALUES (-4902722804786477933, 4);
INSERT INTO public.bands VALUES (-4532319408819564165, 4);
INSERT INTO public.bands VALUES (-3370236065528962131, 4);
INSERT INTO public.bands VALUES (-2991093164424004549, 4);
INSERT INTO public.bands VALUES (-2153426478855937386, 4);
INSERT INTO public.bands VALUES (-1463476866661023864, 4);
INSERT INTO public.bands VALUES (-812570188502396285, 4);
INSERT INTO public.bands VALUES (-83537462212928232, 4);
INSERT INTO public.bands VALUES (195178122224473587, 4);
INSERT INTO public.bands VALUES (300058800094896271, 4);
INSERT INTO public.bands VALUES (649793332358026757, 4);
INSERT INTO public.bands VALUES (727157873026272920, 4);
INSERT INTO public.bands VALUES (880772101695870777, 4);
INSERT INTO public.bands VALUES (903193860854310568, 4);
INSERT INTO public.bands VALUES (2045992595140092137, 4);
INSERT INTO public.bands VALUES (2091833283175748061, 4);
INSERT INTO public.bands VALUES (2340073952423494203, 4);
INSERT INTO public.bands VALUES (2954525191662752693, 4);
INSERT INTO public.bands VALUES (5429061949741268626, 4);
INSERT INTO public.bands VALUES (6178677582143746050, 4);
INSERT INTO public.bands VALUES (6186082761327612597, 4);
INSERT INTO public.bands VALUES (6451702418286875754, 4);
INSERT INTO public.bands VALUES (7413955614992294451, 4);
INSERT INTO public.bands VALUES (8345121320868810433, 4);
INSERT INTO public.bands VALUES (-9127233835790175456, 5);
INSERT INTO public.bands VALUES (-8646789559198323012, 5);
INSERT INTO public.bands VALUES (-8574119549136695827, 5);
INSERT INTO public.bands VALUES (-8354453881622595020, 5);
INSERT INTO public.bands VALUES (-6169569327922122871, 5);
INSERT INTO public.bands VALUES (-6118506994655686849, 5);
INSERT INTO public.bands VALUES (-5404314991642870033, 5);
INSERT INTO public.bands VALUES (-4667896203620789868, 5);
INSERT INTO public.bands VALUES (-3880764575497343600, 5);
INSERT INTO public.bands VALUES (-3218018591259775478, 5);
INSERT INTO public.bands VALUES (-1966234487288789202, 5);
INSERT INTO public.bands VALUES (-1015858921620608722, 5);
INSERT INTO public.bands VALUES (-751928222301967336, 5);
INSERT INTO public.bands VALUES (-739988567552819209, 5);
INSERT INTO public.bands VALUES (-586077024161646675, 5);
INSERT INTO public.bands VALUES (-460322430684778914, 5);
INSERT INTO public.bands VALUES (-205599431721661367, 5);
INSERT INTO public.bands VALUES (-149429688466875795, 5);
INSERT INTO public.bands VALUES (-7134967766458563, 5);
INSERT INTO public.bands VALUES (251204955030381348, 5);
INSERT INTO public.bands VALUES (811977155204698309, 5);
INSERT INTO public.bands VALUES (1382867819568882819, 5);
INSERT INTO public.bands VALUES (1513876146208094214, 5);
INSERT INTO public.bands VALUES (1614734995708277843, 5);
INSERT INTO public.bands VALUES (1778617516811579277, 5);
INSERT INTO public.bands VALUES (2711521311464362466, 5);
INSERT INTO public.bands VALUES (3035062713132364201, 5);
INSERT INTO public.bands VALUES (3797535363215781579, 5);
INSERT INTO public.bands VALUES (3842325634458333289, 5);
INSERT INTO public.bands VALUES (6403291818117727834, 5);
INSERT INTO public.bands VALUES (6888314421358265272, 5);
INSERT INTO public.bands VALUES (9131565987275946553, 5);
INSERT INTO public.blocks VALUES (1, 12345, 0, 0, 'remove', 'Subscribe to our newsletter');
INSERT INTO public.copies VALUES (1, 1, 4, 'https://planet.example/copy', 'Planet');
INSERT INTO public.counters VALUES ('probe', 0);
INSERT INTO public.counters VALUES ('entered', 5);
INSERT INTO public.counters VALUES ('changes', 8);
INSERT INTO public.entries VALUES (1, 1, '\x7eb8790d26bd69c430d06c5e8c1e8333', 1624838503238913027, '\x68617368206f662074756c697073', 'stored', '', '\x', 1795338000000, NULL, 0, 0, 1, 1, 0, '', 1, '\x0128b52ffd20b4ad030032c7181c7089dab04696d224c5d86881aff15dbdd81ec5e88216c44bd6ffd7108dbbbb4b120411100601bc934f63daf45efd789e92afbeec52b8a3a6b0ac72fc426220a8db71880ec3f1a9cc58a5be7a5ba6cd2b7521664a405364622d6ccbfc1cefb0469c1105003db9f29343802baf0447675465');
INSERT INTO public.entries VALUES (2, 1, '\x59418b3f1936a3858a518be70421496d', -3309845307306969887, '\x68617368206f6620627269646765', 'stored', '', '\x', 1795338000000, NULL, 0, 0, 1, 1, 0, '', 2, '\x0128b52ffd20b4b503003207191c706975b0825a21248fa4641676f85ee5f0be04463f83c4f1c9ffff6e8dcccc4c120411100601fd5a07b2a6221ffdfa566c1f7de1a4747c546161e5fac5639c8bf0383c87e1fa6dcdbabd78f46d167b2a6d63c7281600138b484921773bd72f169b330205003db9f29343802baf0447675465');
INSERT INTO public.entries VALUES (3, 1, '\xf9a4e4df896cd4377eb28e80861be4ba', 3617867331080957198, '\x68617368206f662074616e6b73', 'stored', '', '\x', 1795338000000, NULL, 0, 0, 1, 1, 0, '', 3, '\x0128b52ffd20afb503002207191d6089db8398a6851643e815aac107934e23fcaa254055ce86b12088e2020d44444c1204111006817ca30e37c7bcbdfaf33d695f7dd9a5f48b98c2b2caf30b893dcfe3e3101d86e7d5756b27bdab730262bdd4edc32605b042a1b592b7db79be690f714605003c8de27384af28af0427065765');
INSERT INTO public.entries VALUES (4, 2, '\x9da207f44516468d2e30b62f48fe32a7', -8460303882510110682, '\x68617368206f662074756c697073', 'duplicate', '', '\x', 1795338000000, NULL, 0, 0, 1, 1, 0, '', 1, '\x0128b52ffd20b6d50300c2071a1c6089db83d5b231625398165b9b810d5165707419686dfd391604515c8db5d65a49822002c220806fd2794d99dea71fcf51f2d397550af7c31496558e5f40ccb97e07e2390cc7a772e3a72ff63928d44f7fdbb459a5ae63510238154c57297ccbec1cdfb44e9c1105003db9f29343802b5b091693adca');
INSERT INTO public.entries VALUES (5, 1, '\x64e0dcec1ec1525937a3b1cfc4bbc088', -5903530908514324904, '\x616e6f74686572', 'stored', '', '\x', 1795338000000, NULL, 0, 1, 1, 1, 0, '', 4, '\x0128b52ffd20b4ad030032c7181c6089db8398968d119b7144e8f2c190618ce71319d39129508e2008b80d44444c120411100681fc52e7b1d6f43efd798e949fbeac52b89fa6b0acf2fc02629ceb771c9ec3f0bc3666dca07efa52664b95b6754ca480a7d08452f996d9797eb1469c1105003db9f29343802baf0447675465');
INSERT INTO public.entries VALUES (6, 1, '\x5c3e4e9d2fcd3e8f94a20e36900e380c', -8127081033829072057, '\x68617368206f662072656a6563746564', 'rejected', '', '\x', 1795338000000, NULL, 0, 0, 1, 1, 0, '', NULL, '\x0128b52ffd20becd03005287191d608b73839d40b24f1d3b5d358aa13a09e64d932dd7213474332508822e8fcccc54942411100601fdda07b2e6447efaf51d6d3f9d61b574849c02c3cbf58dd7381721828010c3f5db9a757bf1e96bfbb08a7d6a1bbb265a0064ec422985dcfd5cbf584cdc1105003fa512548722585e090e25529501');
INSERT INTO public.entries VALUES (7, 1, '\x2131ee35188793b43ae229056e0137d4', -6130498795297763596, '\x68617368206f662077616974696e67', 'pending', '', '\x', 1795338000000, 1795341600000, 0, 0, 1, 1, 0, '', NULL, '\x0128b52ffd20b9b503004207191c70d739617db06a5a7f2ab50d0f7faeaa605ba19337aa767cecffdf0b89cccc4490e3080c04003db30ee4b6c477f5eb7bdabebaf256d2115a08ca4bae3f44ccb9080b035414aedfd6dc2d8a576f1e6e66d2daf61c9bd680d23e6b297cddcef50cc7e68805003e8f029484216c5eb1ce90a3ca');
INSERT INTO public.feeds VALUES (1, 'https://news.example/feed.xml', 1, 'News', '["world"]', 0, 4, '', '', NULL, 0, '', '', '', '', '', '', '', NULL, '[]', '[]', NULL, NULL, '\x', '\x');
INSERT INTO public.feeds VALUES (2, 'https://planet.example/atom', 1, 'Planet', '["planet"]', 0, 0, '', '', NULL, 0, '', '', '', '', '', 'https://hub.example/', 'https://planet.example/atom', NULL, '[]', '[]', NULL, NULL, '\x', '\x');
INSERT INTO public.hosts VALUES ('planet.example', 1795424400000);
INSERT INTO public.imports VALUES ('\x66696c65207361766564', 5);
INSERT INTO public.meta VALUES ('words', 'e6f1a3dd6df28a50');
INSERT INTO public.meta VALUES ('instance', '3c397835-cffa-422b-a232-8973a7285263');
INSERT INTO public.pages VALUES (2366847649834988875, 'https://news.example/kept', 'https://news.example/kept', 'text/html', '', '', 1795338000000, 12, '\x003c703e6b6570743c2f703e');
INSERT INTO public.polls VALUES (1, 'ok', '', '"v1"', '', '', '', 0, NULL, 1795338000000, NULL, NULL, NULL, '', 0, 0, 0);
INSERT INTO public.polls VALUES (2, 'ok', '', '', '', 'timeout', 'late', 3, NULL, 1795338000000, NULL, NULL, NULL, '', 0, 0, 0);
INSERT INTO public.removed VALUES (1, '\x005b5d');
INSERT INTO public.removed VALUES (2, '\x005b5d');
INSERT INTO public.removed VALUES (3, '\x005b5d');
INSERT INTO public.removed VALUES (4, '\x005b5d');
INSERT INTO public.removed VALUES (5, '\x005b5d');
INSERT INTO public.sites VALUES (1, 'news.example', 0);
INSERT INTO public.sources VALUES (1, 'https://news.example/feed.xml', 'https://news.example/feed.xml', 'News', 'News, the paper', '', '', '', NULL);
INSERT INTO public.sources VALUES (2, 'import:', '', '', '', '', '', '', NULL);
INSERT INTO public.subscriptions VALUES ('path', 2, 'https://hub.example/', 'https://planet.example/atom', 'https://reader.example.org/websub/path', 'secret', 'active', 1795424400000, NULL, NULL, 0, '', '');
INSERT INTO public.troubles VALUES (1, 'https://planet.example/atom', 'broken', 1795338000000, 'Planet is failing', 'For long.');
INSERT INTO public.urls VALUES (1624838503238913027, 1, 'https://news.example/tulips');
INSERT INTO public.urls VALUES (-3309845307306969887, 2, 'https://news.example/bridge');
INSERT INTO public.urls VALUES (3617867331080957198, 3, 'https://news.example/tanks');
INSERT INTO public.urls VALUES (-8460303882510110682, 1, 'https://planet.example/copy');
INSERT INTO public.urls VALUES (-5903530908514324904, 4, 'https://news.example/edited');
INSERT INTO public.words VALUES (1, '''aof'' ''atitle'' ''atulips'' ''babgw'' ''bahfufmrez'' ''baizdeqhgz'' ''baqdwrl'' ''baxl'' ''bbpbqq'' ''bbpzxe'' ''bbytyuhtw'' ''bcaeci'' ''bccdqjwo'' ''bcnvak'' ''bcre'' ''bcsojfmjb'' ''bcxotmas'' ''bdefkst'' ''bdlcjdtdal'' ''bdvxp'' ''bdwttlj'' ''beaplikb'' ''befcyvyr'' ''bepiz'' ''bept'' ''beqpbc'' ''bera'' ''beuyn'' ''bevjvgb'' ''bewluqzv'' ''bezahwxxr'' ''bfankivr'' ''bfewuk'' ''bfiinw'' ''bfwbkrr'' ''bgatdyalsl'' ''bgcslvkxq'' ''bgdse'' ''bghoxepfn'' ''bgijp'' ''bgyhzbbq'' ''bhfihlspj'' ''bhgnebmmin'' ''bhrvdm'' ''bhvuaxva'' ''bhyjlcqb'' ''bilezx'' ''biwm'' ''bjav'' ''bjtziny'' ''bjzjosb'' ''bjznlqs'' ''bkcbmjjr'' ''bkesjrxck'' ''bkjnvsk'' ''bktnyjps'' ''bkvwl'' ''blbcixqxu'' ''bljbiiojn'' ''blsklwaod'' ''bmpepoey'' ''bmtibzrg'' ''bmuhsrxob'' ''bmzgwje'' ''bngf'' ''bnslphksx'' ''bnvilad'' ''bnvrcikg'' ''bodevgxj'' ''bogxajn'' ''boqgyq'' ''bpejcamkt'' ''bpmzjcr'' ''bppolowl'' ''bpugyu'' ''bpyjnyw'' ''bqafw'' ''bqjyulmx'' ''bqmmbxcn'' ''bquhi'' ''braa'' ''brwtn'' ''brzrnczuv'' ''bskhbebms'' ''bslpul'' ''bsrxbplknc'' ''bssxqbauhl'' ''bswraujxzp'' ''btgwlfqma'' ''bthcp'' ''btiihinr'' ''btnomqzeti'' ''btqbkxr'' ''btrcbgfxf'' ''btrj'' ''buhx'' ''bulsdl'' ''busccxza'' ''buzx'' ''bvhnaihkwo'' ''bwbomlwiak'' ''bwhal'' ''bwhnvfxc'' ''bwnadgxkd'' ''bwokjtigie'' ''bwomc'' ''bwpkqktrok'' ''bwsud'' ''bxpuncw'' ''bxsa'' ''bxtpphjb'' ''byblk'' ''bygvgos'' ''bynyjmogjw'' ''bytcsqdexk'' ''byub'' ''byupssti'' ''byvym'' ''bywjwlswom'' ''bzdystvsc'' ''bzisnuuus'' ''bzkeiolu'' ''bzqx'' ''dexample'' ''dhttps'' ''dnews'' ''dtulips'' ''enews'' ''fworld'' ''gen''');
INSERT INTO public.words VALUES (2, '''abridge'' ''aof'' ''atitle'' ''baax'' ''bablksrwg'' ''babuarllgl'' ''bagwwyvo'' ''basqfi'' ''bbauqdm'' ''bbigip'' ''bbmqd'' ''bbmxq'' ''bbtzsnro'' ''bcmlpdri'' ''bcmtwtj'' ''bcsmkm'' ''bdercmij'' ''bdosco'' ''bdpg'' ''bdrmm'' ''bdwlki'' ''bebswavlbk'' ''begqvng'' ''bejm'' ''belmmjpn'' ''beoijrvpos'' ''betom'' ''bfbdmcs'' ''bfbey'' ''bfjsgpyxd'' ''bfqkb'' ''bfrbtmu'' ''bftsnskv'' ''bfyh'' ''bfyuenr'' ''bfznrfvty'' ''bgiphw'' ''bgmzpylu'' ''bgnlqqizva'' ''bgve'' ''bgvjtkmwg'' ''bgzoktz'' ''bhfvrzdm'' ''bhliuxk'' ''bhpglhfi'' ''bhri'' ''bhrqliwv'' ''bicapl'' ''bicnnnnwp'' ''bigwfidmhj'' ''bjfed'' ''bjlb'' ''bjml'' ''bjqqttaa'' ''bjxlqtoze'' ''bkdguevur'' ''bklfzky'' ''bkrebpfyh'' ''bkve'' ''bkxnv'' ''bldktxd'' ''blxnmulkcj'' ''bmaxb'' ''bmqwqhqvje'' ''bmtlbqdo'' ''bmwspmfgt'' ''bmxii'' ''bmxjxi'' ''bndwmxz'' ''bneohmau'' ''bnffnwh'' ''bnxqtt'' ''bnzp'' ''booiarbeq'' ''bopw'' ''bosl'' ''bpjzfmvu'' ''bqbjdwlf'' ''bqmplt'' ''bqrc'' ''brnkpvg'' ''brroqomt'' ''brwycedivd'' ''brykk'' ''bssnjjkf'' ''bszbscck'' ''btgyfjtokp'' ''btqvxh'' ''bturitmyfm'' ''btzxmoidh'' ''bucezs'' ''bueao'' ''buhbvcv'' ''buimk'' ''bujymnpi'' ''bunirasuia'' ''bunte'' ''bvbkvvadg'' ''bvmqdb'' ''bvpsss'' ''bvqydb'' ''bwbhsdnq'' ''bwctgblss'' ''bwdvffuu'' ''bwokjgfnjh'' ''bwqe'' ''bxaymtcos'' ''bxgqhfd'' ''bxhmsvcrt'' ''bxiapm'' ''bxjbartxgg'' ''bxkecbm'' ''bxoxt'' ''bxzjmlf'' ''bxznvjrjc'' ''bydvg'' ''byiic'' ''byszhjgb'' ''byzykun'' ''bzdvyxg'' ''bzerryax'' ''bzulzjy'' ''bzxmpqo'' ''dbridge'' ''dexample'' ''dhttps'' ''dnews'' ''enews'' ''fworld'' ''gen''');
INSERT INTO public.words VALUES (3, '''aof'' ''atanks'' ''atitle'' ''bady'' ''baibjrx'' ''balqjky'' ''bapesvvg'' ''bauxvcssf'' ''bava'' ''bcatdgpel'' ''bckeqspfri'' ''bckl'' ''bcrlwvmcey'' ''bcxgosgru'' ''bcxpkr'' ''bdipedn'' ''bdljsay'' ''bdnubhgbjo'' ''bdtmir'' ''bdwb'' ''bdzcufrvta'' ''befl'' ''begettprwf'' ''behuu'' ''bepbpir'' ''besjzrx'' ''betnmbhm'' ''beujzqcry'' ''bfov'' ''bfvkzn'' ''bgba'' ''bgbicx'' ''bgeyqywvlk'' ''bggq'' ''bgvdio'' ''bgzmrxzc'' ''bhhuk'' ''biiu'' ''bijrwqrsx'' ''bikgj'' ''bikrjcsoc'' ''bilyxru'' ''bioyjjjba'' ''bivvp'' ''bjjl'' ''bjmfnkmuv'' ''bjusylojk'' ''bkeqh'' ''bkflpqawd'' ''bknu'' ''bkqkyf'' ''bkqwon'' ''bksrnlc'' ''blfmogr'' ''blnodw'' ''bltg'' ''blufrmeogu'' ''bluy'' ''bmfb'' ''bmfbbo'' ''bmhpeei'' ''bmie'' ''bmvrpj'' ''bmyadvyxlf'' ''bnepsrzuy'' ''bnfg'' ''bnfsdwpxkx'' ''bngq'' ''bnkwtbm'' ''bnvff'' ''bozsz'' ''bphmyqxbu'' ''bpqysylmsk'' ''bpxhqe'' ''bpywu'' ''bqhykroksb'' ''bqmfi'' ''bqpibhoerz'' ''bqrp'' ''bqtofyhipo'' ''bqykyp'' ''bqzcuoy'' ''brbegwbiu'' ''breiqwqiq'' ''brptxebcdg'' ''brqzpdwcwg'' ''bsbqhcrgw'' ''bsln'' ''bsvg'' ''btidlqcf'' ''btyaca'' ''btyhqxdj'' ''btyxmuzx'' ''btzsschcee'' ''buaem'' ''buccj'' ''budlfe'' ''busi'' ''buvv'' ''bvcfcvwzfw'' ''bvnukuke'' ''bvysei'' ''bwjusvrz'' ''bwjxxjh'' ''bwrcgxa'' ''bwrz'' ''bwtz'' ''bwxsszdq'' ''bwyrbcx'' ''bxgjytmuo'' ''bxizjp'' ''bxjxb'' ''bxpe'' ''bxxlzj'' ''bydssdque'' ''byhngdvqvz'' ''byjnnenmgs'' ''byoh'' ''bysveiua'' ''bzamvdqg'' ''bzgguw'' ''bznnycgl'' ''bzpn'' ''dexample'' ''dhttps'' ''dnews'' ''dtanks'' ''enews'' ''fworld'' ''gen''');
INSERT INTO public.words VALUES (4, '''aedited'' ''aof'' ''atitle'' ''bakd'' ''bapxow'' ''barqlpv'' ''basoqmv'' ''bbbd'' ''bbmnh'' ''bbnrrxh'' ''bcakffha'' ''bcdb'' ''bcfx'' ''bcvs'' ''bcwaunzozw'' ''bcxqhc'' ''bdua'' ''beaadzzr'' ''bebbcsjpt'' ''befccil'' ''belzzbsxx'' ''benvsaldrm'' ''beoanet'' ''beoizts'' ''beqieg'' ''berdxg'' ''berwkavz'' ''bewk'' ''bewwrlujyu'' ''bexf'' ''bfec'' ''bflnef'' ''bfutkcv'' ''bfzvcl'' ''bgdvkfmimt'' ''bgihwv'' ''bgnezy'' ''bgym'' ''bgyuvths'' ''bhaciqt'' ''bhdyxeuca'' ''bhehsah'' ''bhksufxk'' ''bhmlhv'' ''bhovg'' ''bhwtizhsnk'' ''bidex'' ''binyi'' ''biqrc'' ''biukozxi'' ''biuxsxkx'' ''bjgnj'' ''bjhmpgz'' ''bjocsthxw'' ''bjyvkjf'' ''bkavlzaemd'' ''bkkzomvdlz'' ''bkpntppmw'' ''bkpwgmw'' ''bkulx'' ''bkymyt'' ''blhlslawo'' ''blinw'' ''blpzyw'' ''blxwjkrto'' ''bmag'' ''bmcba'' ''bmfxnxfou'' ''bmgrwtplvv'' ''bmjehai'' ''bmtgosdauq'' ''bnhyvifdkt'' ''bnzl'' ''bonbupwic'' ''boqrsry'' ''boti'' ''bpjbujqz'' ''bpofnwl'' ''bqce'' ''bqdvmtw'' ''bqjof'' ''bqml'' ''bqqdgaz'' ''bqtuetkvh'' ''bqygberye'' ''brdwlwn'' ''brorwmpmn'' ''brqpmxvm'' ''bruy'' ''bscnrpmog'' ''bsffck'' ''bsfqlnvfb'' ''bslh'' ''bsln'' ''bstmvbbuf'' ''bsxyc'' ''bszz'' ''bteam'' ''btni'' ''btsgahxfg'' ''btsmmge'' ''btwkssbz'' ''budityvt'' ''buors'' ''busvfi'' ''busymwlx'' ''bvhvf'' ''bvzxxlhyih'' ''bwgfunyrz'' ''bwzkq'' ''bxantowkz'' ''bxbugayzg'' ''bxdz'' ''bxixff'' ''bxncr'' ''bxucuil'' ''byvgwkbgv'' ''bywtkq'' ''bzgwwzbg'' ''bzmcxnhly'' ''bzoqj'' ''bzpg'' ''bzsve'' ''dedited'' ''dexample'' ''dhttps'' ''dnews'' ''enews'' ''fworld'' ''gen''');
INSERT INTO public.words VALUES (5, '''aof'' ''asaved'' ''atitle'' ''babozyby'' ''banp'' ''bavllya'' ''bbaljfyhd'' ''bbvdrkjp'' ''bcfz'' ''bchua'' ''bclhnrtgh'' ''bcqabljlc'' ''bczoh'' ''bdcttboh'' ''bdfylgai'' ''bdhwbxdu'' ''bdjsrz'' ''bedwcv'' ''beewkqjbr'' ''bekjzm'' ''bemstb'' ''bepafhyspn'' ''besnx'' ''bessytyin'' ''bevvfdi'' ''bewxr'' ''bexeas'' ''bexlff'' ''bfmta'' ''bfwcqtvoc'' ''bgjh'' ''bgnvgtdacm'' ''bgrvyafs'' ''bgtbh'' ''bgubfq'' ''bgyx'' ''bhfq'' ''bhlfzihwo'' ''bhvwly'' ''bhwmywhqa'' ''bhzpfrzd'' ''bhzxjiqtdg'' ''biiapkapl'' ''biiaqvop'' ''bjfjhjeycd'' ''bjivnxqzo'' ''bjlxgdnsg'' ''bjsicqb'' ''bkenxo'' ''bkgrewxuct'' ''blbxaxy'' ''blca'' ''blheu'' ''blswq'' ''bmcqr'' ''bmeewqr'' ''bmhco'' ''bmjosc'' ''bmnwl'' ''bmugkfhk'' ''bnzfcj'' ''bogjnew'' ''boxmtunlp'' ''bpabfs'' ''bpibxysfje'' ''bpjm'' ''bpralhll'' ''bqfiw'' ''bqnjvkpo'' ''bqnxcary'' ''bqpupfw'' ''bqytxqz'' ''bqzn'' ''brgds'' ''brkxpar'' ''brqhkibd'' ''brrinr'' ''bruysshqm'' ''bryflb'' ''bsdc'' ''bsevya'' ''bsfn'' ''bsgmztshy'' ''bstpgbbk'' ''btbq'' ''btcvhboj'' ''btgt'' ''btusndjukx'' ''btybhlrzf'' ''buibvur'' ''buyg'' ''bvbbwn'' ''bvdzfcijzc'' ''bvhfdwqsix'' ''bviwxiwlth'' ''bvjb'' ''bvnzgqtld'' ''bvqtgbpqa'' ''bvvfury'' ''bvziwtxx'' ''bwejvlda'' ''bwnynwadk'' ''bwprjj'' ''bxawas'' ''bxdevjwvi'' ''bxfhcfekkz'' ''bxgl'' ''bxgv'' ''bxgwrs'' ''bxinqf'' ''bxqfqcq'' ''bxstnsqlar'' ''byazciemus'' ''bybssqjxt'' ''bygo'' ''byhfyh'' ''byqkzq'' ''byyi'' ''bzclkq'' ''bzhczb'' ''bzhrdrs'' ''bzrnjvgtsa'' ''bzvqrcznb'' ''gen''');
SELECT pg_catalog.setval('public.copies_id_seq', 1, true);
SELECT pg_catalog.setval('public.entries_id_seq', 7, true);
SELECT pg_catalog.setval('public.feeds_id_seq', 2, true);
SELECT pg_catalog.setval('public.sites_id_seq', 1, true);
SELECT pg_catalog.setval('public.sources_id_seq', 2, true);
SELECT pg_catalog.setval('public.troubles_number_seq', 1, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_public_id_key UNIQUE (public_id);
ALTER TABLE ONLY public.bands
    ADD CONSTRAINT bands_pkey PRIMARY KEY (band, article);
ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (site, fingerprint);
ALTER TABLE ONLY public.copies
    ADD CONSTRAINT copies_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feeds
    ADD CONSTRAINT feeds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.feeds
    ADD CONSTRAINT feeds_url_key UNIQUE (url);
ALTER TABLE ONLY public.hosts
    ADD CONSTRAINT hosts_pkey PRIMARY KEY (host);
ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.pages
    ADD CONSTRAINT pages_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_pkey PRIMARY KEY (feed);
ALTER TABLE ONLY public.removed
    ADD CONSTRAINT removed_pkey PRIMARY KEY (article);
ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_host_key UNIQUE (host);
ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_key_key UNIQUE (key);
ALTER TABLE ONLY public.sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (path);
ALTER TABLE ONLY public.tombstones
    ADD CONSTRAINT tombstones_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.troubles
    ADD CONSTRAINT troubles_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.urls
    ADD CONSTRAINT urls_pkey PRIMARY KEY (key, article);
ALTER TABLE ONLY public.words
    ADD CONSTRAINT words_pkey PRIMARY KEY (rowid);
CREATE INDEX articles_entered_at ON public.articles USING btree (entered_at);
CREATE INDEX articles_live ON public.articles USING btree (key, entered_at) WHERE (live = 1);
CREATE INDEX articles_source ON public.articles USING btree (source);
CREATE INDEX articles_text_hash ON public.articles USING btree (text_hash);
CREATE UNIQUE INDEX copies_article ON public.copies USING btree (article, url);
CREATE INDEX entries_article ON public.entries USING btree (article);
CREATE INDEX entries_bodies ON public.entries USING btree (first_seen) WHERE (body IS NOT NULL);
CREATE INDEX entries_due ON public.entries USING btree (next_try, feed) WHERE (next_try IS NOT NULL);
CREATE UNIQUE INDEX entries_guid ON public.entries USING btree (feed, guid_key);
CREATE INDEX entries_url ON public.entries USING btree (url_key);
CREATE INDEX imports_article ON public.imports USING btree (article);
CREATE INDEX pages_fetched ON public.pages USING btree (fetched, size);
CREATE INDEX urls_article ON public.urls USING btree (article);
CREATE INDEX words_lexemes ON public.words USING gin (lexemes) WITH (fastupdate=off);
ALTER TABLE ONLY public.articles
    ADD CONSTRAINT articles_source_fkey FOREIGN KEY (source) REFERENCES public.sources(id);
ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_site_fkey FOREIGN KEY (site) REFERENCES public.sites(id);
ALTER TABLE ONLY public.copies
    ADD CONSTRAINT copies_article_fkey FOREIGN KEY (article) REFERENCES public.articles(key);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_article_fkey FOREIGN KEY (article) REFERENCES public.articles(key);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_feed_fkey FOREIGN KEY (feed) REFERENCES public.feeds(id);
ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_feed_fkey FOREIGN KEY (feed) REFERENCES public.feeds(id);
ALTER TABLE ONLY public.removed
    ADD CONSTRAINT removed_article_fkey FOREIGN KEY (article) REFERENCES public.articles(key);
ALTER TABLE ONLY public.subscriptions
    ADD CONSTRAINT subscriptions_feed_fkey FOREIGN KEY (feed) REFERENCES public.feeds(id);
ALTER TABLE ONLY public.urls
    ADD CONSTRAINT urls_article_fkey FOREIGN KEY (article) REFERENCES public.articles(key);
ALTER TABLE ONLY public.words
    ADD CONSTRAINT words_rowid_fkey FOREIGN KEY (rowid) REFERENCES public.articles(key);
