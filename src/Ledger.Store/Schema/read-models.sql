-- The read models: dropped and made again from the log whenever somebody wants. Idempotent. {schema} is where they
-- stand: a rebuild makes them in a schema of its own and swaps.

-- What an event is about: the way to it without reading the log. Facts of use are not tagged: they have an index of
-- their own.
create table if not exists {schema}.event_tag (
    tag text collate "C" not null,
    position bigint not null,
    primary key (tag, position)
);

-- What a convention gives every right to a service in a profile, over valid time (when it holds) and known time (from
-- which position to which the ledger thought so). What a whole partner loses is one row closed.
create table if not exists {schema}.partner_right (
    convention text collate "C" not null,
    siret text collate "C" not null,
    caf text collate "C" not null,
    service text collate "C" not null,
    profil text collate "C" not null,
    purposes text[] not null,
    communes text[],
    dossiers text[],
    valid tstzrange not null,
    known int8range not null,
    because bigint[] not null
);
create index if not exists partner_right_of on {schema}.partner_right (convention, service, profil);

-- What a habilitation gives by itself, over both times. A right is effective where both rows hold.
create table if not exists {schema}.habilitation_right (
    holder text collate "C" not null,
    habilitation text collate "C" not null,
    convention text collate "C" not null,
    agent text collate "C" not null,
    siret text collate "C" not null,
    caf text collate "C" not null,
    service text collate "C" not null,
    profil text collate "C" not null,
    purposes text[] not null,
    communes text[],
    dossiers text[],
    valid tstzrange not null,
    known int8range not null,
    because bigint[] not null
);
create index if not exists habilitation_right_times on {schema}.habilitation_right using gist (valid, known);
create index if not exists habilitation_right_holder on {schema}.habilitation_right (caf, holder);
create index if not exists habilitation_right_open on {schema}.habilitation_right (habilitation) where upper_inf(known);

-- Effective rights over both times, for analysts.
create or replace view {schema}.access_right as
    select h.holder, h.habilitation, h.convention, h.agent, h.siret, h.caf, h.service, h.profil,
           array(select unnest(h.purposes) intersect select unnest(p.purposes) order by 1) as purposes,
           h.communes as own_communes, p.communes as partner_communes,
           h.dossiers as own_dossiers, p.dossiers as partner_dossiers,
           h.valid * p.valid as valid, h.known * p.known as known,
           array(select unnest(h.because) union select unnest(p.because) order by 1) as because
    from {schema}.habilitation_right h
    join {schema}.partner_right p
        on p.convention = h.convention and p.service = h.service and p.profil = h.profil
    where h.valid && p.valid and h.known && p.known and h.purposes && p.purposes;

-- Every fact of use: consultations first of all. kind: 0 consultation, 1 authentication, 2 failed authentication, 3
-- search, 4 refused consultation, 5 export, 6 supply. One table, not one for each month: nothing has to be made
-- before a fact of a month never seen is taken. Each way of asking has its index; that of files begins with the
-- month, so that what is written stays together. Those that a page is read from in order end with the position.
create table if not exists {schema}.usage (
    position bigint primary key,
    kind smallint not null,
    occurred_at timestamptz not null,
    caf text collate "C" not null,
    siret text collate "C" not null,
    agent text collate "C" not null,
    epoch int,
    allocataire bytea,
    service text collate "C",
    habilitation text collate "C",
    address bytea,
    has_file bool not null,
    authorised bool not null
);
create index if not exists usage_time on {schema}.usage (occurred_at, position);
create index if not exists usage_file on {schema}.usage (epoch, allocataire) where allocataire is not null;
create index if not exists usage_agent on {schema}.usage (siret, agent, occurred_at, position);
create index if not exists usage_partner on {schema}.usage (siret, occurred_at, position);
create index if not exists usage_service on {schema}.usage (service) where service is not null;
create index if not exists usage_address on {schema}.usage (address, occurred_at, position) where address is not null;
create index if not exists usage_irregular on {schema}.usage (occurred_at, position) where not authorised;
create index if not exists usage_without_file on {schema}.usage (occurred_at, position) where not has_file;

-- What the anomaly rules found.
create table if not exists {schema}.alert (
    position bigint primary key,
    alert text collate "C" not null,
    rule text collate "C" not null,
    version text not null,
    certain bool not null,
    caf text collate "C" not null,
    siret text collate "C" not null,
    agent text collate "C",
    day date not null,
    particulars jsonb not null,
    about bigint[] not null
);
create unique index if not exists alert_id on {schema}.alert (alert);
create index if not exists alert_agent on {schema}.alert (siret, agent, day);
create index if not exists alert_day on {schema}.alert (day, position);

-- How alerts were qualified: the last word stands.
create table if not exists {schema}.alert_outcome (
    position bigint primary key,
    alert text collate "C" not null,
    outcome text collate "C" not null
);
create index if not exists alert_outcome_of on {schema}.alert_outcome (alert, position);
create index if not exists alert_outcome_state on {schema}.alert_outcome (outcome, alert);
