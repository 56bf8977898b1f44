-- What stands beside Marten's mt_events and mt_streams. Idempotent: it is run at every migration.
-- Log tables refuse UPDATE, DELETE and TRUNCATE; read models (below) can be dropped and rebuilt from the log.

create table if not exists ledger.ledger_head (
    one bool primary key default true check (one),
    origin text not null,
    size bigint not null default 0,
    last_leaf bytea not null default decode(repeat('00', 32), 'hex'),
    frontier bytea not null default ''::bytea,
    recorded_at timestamptz not null default '-infinity',
    governance_position bigint not null default -1
);

-- The digest, on a request's first event, tells whether a request that comes again has the same content.
create table if not exists ledger.ledger_leaf (
    position bigint primary key,
    event_id uuid not null,
    request_digest bytea,
    seq_id bigint not null,
    salt bytea not null check (length(salt) = 16),
    content_hash bytea not null check (length(content_hash) = 32),
    leaf_hash bytea not null check (length(leaf_hash) = 32),
    recorded_at timestamptz not null
);

create table if not exists ledger.ledger_tile (
    level int not null,
    index bigint not null,
    hashes bytea not null check (length(hashes) = 8192),
    root bytea not null check (length(root) = 32),
    primary key (level, index)
);

create table if not exists ledger.ledger_checkpoint (
    size bigint primary key,
    note text not null,
    published_at timestamptz not null default clock_timestamp()
);

-- What anchors outside said about checkpoints. kind: 0 a witness's signature line, 1 an RFC 3161 response.
create table if not exists ledger.ledger_anchor (
    size bigint not null,
    kind smallint not null,
    name text collate "C" not null,
    proof bytea not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (kind, name, size)
);
create index if not exists ledger_anchor_size on ledger.ledger_anchor (size);

-- Checkpoints with the cosignatures that were collected for them.
create or replace view ledger.cosigned_checkpoint as
    select c.size, c.note || coalesce(
        (select string_agg(convert_from(a.proof, 'UTF8'), '' order by a.name) from ledger.ledger_anchor a where a.size = c.size and a.kind = 0), '') as note
    from ledger.ledger_checkpoint c;

create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the table %.% is a log: % is refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'restrict_violation', hint = 'A correction is a new event.';
end $$;

create or replace function ledger.refuse_shrinking() returns trigger language plpgsql as $$
begin
    if new.size < old.size or new.origin <> old.origin or new.recorded_at < old.recorded_at
        or new.governance_position < old.governance_position then
        raise exception 'the head of the log only moves forward' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

do $$
declare log text;
begin
    foreach log in array array['mt_events', 'ledger_leaf', 'ledger_tile', 'ledger_checkpoint', 'ledger_anchor'] loop
        execute format('create or replace trigger refuse_change before update or delete on ledger.%I
            for each row execute function ledger.refuse_change()', log);
        execute format('create or replace trigger refuse_truncate before truncate on ledger.%I
            for each statement execute function ledger.refuse_change()', log);
    end loop;
    create or replace trigger refuse_shrinking before update on ledger.ledger_head
        for each row execute function ledger.refuse_shrinking();
    create or replace trigger refuse_change before delete on ledger.ledger_head
        for each row execute function ledger.refuse_change();
    create or replace trigger refuse_truncate before truncate on ledger.ledger_head
        for each statement execute function ledger.refuse_change();
end $$;

-- The last position recorded at or before an instant, -1 for none. Recorded-at never goes back along the log, so a search by
-- halves finds it without an index that every append would pay for.
create or replace function ledger.position_at(instant timestamptz) returns bigint language plpgsql stable as $$
declare low bigint := -1; high bigint; middle bigint; at timestamptz;
begin
    select size - 1 into high from ledger.ledger_head;
    while low < high loop
        middle := (low + high + 1) / 2;
        select recorded_at into at from ledger.ledger_leaf where position = middle;
        if at <= instant then low := middle; else high := middle - 1; end if;
    end loop;
    return low;
end $$;

-- The position of an event, by Marten's sequence: both grow together, since both are taken under the head's lock.
create or replace function ledger.position_of(seq bigint) returns bigint language plpgsql stable as $$
declare low bigint := -1; high bigint; middle bigint; at bigint;
begin
    select size - 1 into high from ledger.ledger_head;
    while low < high loop
        middle := (low + high + 1) / 2;
        select seq_id into at from ledger.ledger_leaf where position = middle;
        if at <= seq then low := middle; else high := middle - 1; end if;
    end loop;
    return low;
end $$;

create or replace view ledger.ledger_event as
    select l.position, l.recorded_at, e.stream_id, e.version, e.type, convert_from(e.bdata, 'UTF8')::jsonb as content
    from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id;

-- Read models -----------------------------------------------------------------------------------------------------------

-- What an event is about: the way to it without reading the log. Facts of use are not tagged: they have an index of their own.
create table if not exists ledger.event_tag (
    tag text collate "C" not null,
    position bigint not null,
    primary key (tag, position)
);

-- Effective rights over valid time (when they hold) and known time (from which position to which the ledger thought so).
create table if not exists ledger.access_right (
    holder text collate "C" not null,
    habilitation text not null,
    convention text not null,
    agent text not null,
    siret text not null,
    caf text not null,
    service text not null,
    profil text not null,
    purposes text[] not null,
    communes text[],
    dossiers text[],
    valid tstzrange not null,
    known int8range not null,
    because bigint[] not null
);
create index if not exists access_right_times on ledger.access_right using gist (valid, known);
create index if not exists access_right_holder on ledger.access_right (caf, holder);
create index if not exists access_right_habilitation on ledger.access_right (habilitation) where upper_inf(known);

-- Every fact of use: consultations first of all. kind: 0 consultation, 1 authentication, 2 failed authentication, 3 search,
-- 4 refused consultation, 5 export, 6 supply.
create table if not exists ledger.usage (
    position bigint not null,
    kind smallint not null,
    occurred_at timestamptz not null,
    caf text not null,
    siret text not null,
    agent text not null,
    allocataire bytea,
    service text,
    habilitation text,
    session text,
    address text,
    has_file bool not null,
    authorised bool not null,
    primary key (occurred_at, position)
) partition by range (occurred_at);
create index if not exists usage_allocataire on ledger.usage (allocataire, occurred_at, position) where allocataire is not null;
create index if not exists usage_agent on ledger.usage (siret, agent, occurred_at, position);
create index if not exists usage_irregular on ledger.usage (occurred_at, position) where not authorised;
create index if not exists usage_without_file on ledger.usage (occurred_at, position) where not has_file;
create index if not exists usage_address on ledger.usage (address, occurred_at, position) where address is not null;

-- Clear identities, sealed: the other end of a mutation, for those who hold the keys. Personal data: not of the log, and not rebuilt from it.
create table if not exists ledger.sealed_identity (
    dossier text primary key,
    payload bytea not null
);
