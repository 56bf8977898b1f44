-- The log: what stands beside Marten's mt_events and mt_streams, which Marten has made before. Idempotent: databases of
-- the time before migrations were numbered have it already.
-- Log tables refuse UPDATE, DELETE and TRUNCATE.

-- One row, locked by whoever writes and never updated: the head of the log is its last leaf.
create table if not exists ledger.ledger_head (
    one bool primary key default true check (one),
    origin text not null
);

-- The digest, on a request's first event, tells whether a request that comes again has the same content. The governance
-- position is that of the last event up to here that bears on rights; -1 before the first.
create table if not exists ledger.ledger_leaf (
    position bigint primary key,
    event_id uuid not null,
    request_digest bytea,
    seq_id bigint not null,
    salt bytea not null check (length(salt) = 16),
    content_hash bytea not null check (length(content_hash) = 32),
    leaf_hash bytea not null check (length(leaf_hash) = 32),
    recorded_at timestamptz not null,
    governance_position bigint not null
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

-- The keys of pseudonyms that this ledger uses, by what they give of a constant. The keys themselves are elsewhere.
create table if not exists ledger.epoch (
    epoch text collate "C" primary key,
    key_check bytea not null check (length(key_check) = 32),
    made_at timestamptz not null default clock_timestamp()
);

-- How far the anomaly rules have come, what they remember, and which node runs them until when.
create table if not exists ledger.rule_state (
    one bool primary key default true check (one),
    position bigint not null default -1,
    state bytea,
    node uuid,
    leased_until timestamptz not null default '-infinity'
);
insert into ledger.rule_state default values on conflict do nothing;

-- Checkpoints with the cosignatures that were collected for them.
create or replace view ledger.cosigned_checkpoint as
    select c.size, c.note || coalesce(
        (select string_agg(convert_from(a.proof, 'UTF8'), '' order by a.name) from ledger.ledger_anchor a
         where a.size = c.size and a.kind = 0), '') as note
    from ledger.ledger_checkpoint c;

create or replace function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the table %.% is a log: % is refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'restrict_violation', hint = 'A correction is a new event.';
end $$;

do $$
declare log text;
begin
    foreach log in array array[
        'mt_events', 'ledger_head', 'ledger_leaf', 'ledger_tile', 'ledger_checkpoint', 'ledger_anchor'] loop
        execute format('create or replace trigger refuse_change before update or delete on ledger.%I
            for each row execute function ledger.refuse_change()', log);
        execute format('create or replace trigger refuse_truncate before truncate on ledger.%I
            for each statement execute function ledger.refuse_change()', log);
    end loop;
end $$;

-- The last position; -1 for none.
create or replace function ledger.last_position() returns bigint language sql stable as $$
    select coalesce((select position from ledger.ledger_leaf order by position desc limit 1), -1)
$$;

-- The last position recorded at or before an instant, -1 for none. Recorded-at never goes back along the log, so a
-- search by halves finds it without an index that every append would pay for.
create or replace function ledger.position_at(instant timestamptz) returns bigint language plpgsql stable as $$
declare low bigint := -1; high bigint := ledger.last_position(); middle bigint; at timestamptz;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        select recorded_at into at from ledger.ledger_leaf where position = middle;
        if at <= instant then low := middle; else high := middle - 1; end if;
    end loop;
    return low;
end $$;

-- The position of an event, by Marten's sequence: both grow together, since both are taken under the head's lock.
create or replace function ledger.position_of(seq bigint) returns bigint language plpgsql stable as $$
declare low bigint := -1; high bigint := ledger.last_position(); middle bigint; at bigint;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        select seq_id into at from ledger.ledger_leaf where position = middle;
        if at <= seq then low := middle; else high := middle - 1; end if;
    end loop;
    return low;
end $$;

create or replace view ledger.stored_event as
    select l.position, l.recorded_at, e.type, e.bdata
    from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id;

create or replace view ledger.ledger_event as
    select l.position, l.recorded_at, e.stream_id, e.version, e.type, convert_from(e.bdata, 'UTF8')::jsonb as content
    from ledger.ledger_leaf l join ledger.mt_events e on e.seq_id = l.seq_id;
