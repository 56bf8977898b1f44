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

create table if not exists ledger.ledger_leaf (
    position bigint primary key,
    event_id uuid not null,
    seq_id bigint not null,
    salt bytea not null check (length(salt) = 16),
    content_hash bytea not null check (length(content_hash) = 32),
    leaf_hash bytea not null check (length(leaf_hash) = 32),
    recorded_at timestamptz not null
);

create table if not exists ledger.ledger_request (
    request_id uuid primary key,
    digest bytea not null,
    position bigint not null
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

create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the table %.% is a log: % is refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'restrict_violation', hint = 'A correction is a new event.';
end $$;

create or replace function ledger.refuse_shrinking() returns trigger language plpgsql as $$
begin
    if new.size < old.size or new.origin <> old.origin or new.recorded_at < old.recorded_at then
        raise exception 'the head of the log only moves forward' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;

do $$
declare log text;
begin
    foreach log in array array['mt_events', 'ledger_leaf', 'ledger_request', 'ledger_tile', 'ledger_checkpoint'] loop
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

create or replace view ledger.ledger_event as
    select l.position, l.recorded_at, e.stream_id, e.version, e.type, convert_from(e.bdata, 'UTF8')::jsonb as content
    from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id;

-- Read models -----------------------------------------------------------------------------------------------------------

-- Which events carry rights, at which partner and for whom: the way to what is known without reading the consultations.
create table if not exists ledger.governance_fact (
    position bigint primary key,
    siret text not null,
    habilitation text,
    agent text
);
create index if not exists governance_fact_siret on ledger.governance_fact (siret, position);
create index if not exists governance_fact_habilitation on ledger.governance_fact (habilitation) where habilitation is not null;

-- Effective rights over valid time (when they hold) and known time (from which position to which the ledger thought so).
create table if not exists ledger.access_right (
    habilitation text not null,
    convention text not null,
    agent text not null,
    siret text not null,
    caf text not null,
    service text not null,
    profil text not null,
    purposes text[] not null,
    perimeter text not null,
    valid tstzrange not null,
    known int8range not null,
    because bigint[] not null
);
create index if not exists access_right_times on ledger.access_right using gist (valid, known);
create index if not exists access_right_habilitation on ledger.access_right (habilitation) where upper_inf(known);

create table if not exists ledger.consultation (
    position bigint not null,
    occurred_at timestamptz not null,
    caf text not null,
    siret text not null,
    agent text not null,
    allocataire bytea not null,
    service text not null,
    authorised bool not null,
    primary key (occurred_at, position)
) partition by range (occurred_at);
create index if not exists consultation_allocataire on ledger.consultation (allocataire, occurred_at, position);
create index if not exists consultation_agent on ledger.consultation (siret, agent, occurred_at, position);
