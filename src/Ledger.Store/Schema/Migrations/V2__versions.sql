-- Migrations are numbered from here on, and say themselves which of them a database has.
drop table if exists ledger.ledger_schema;

-- No number of an allocataire is kept any more, sealed or not: decision 18.
drop table if exists ledger.sealed_identity;

-- Which read models stand here: those of another program are made again from the log.
create table ledger.read_models (
    one bool primary key default true check (one),
    fingerprint text not null
);
