-- The roles that were made for this ledger, if any were: a writer that can only add to the log, and a reader.
create table ledger.database_role (
    kind text primary key check (kind in ('writer', 'reader')),
    name text not null
);

-- Gives each role what it needs, and nothing else. The owner runs it whenever tables were made.
create procedure ledger.grant_roles() language plpgsql as $$
declare role record; name text;
begin
    for role in select d.kind, d.name from ledger.database_role d loop
        execute format('revoke all on all tables in schema ledger from %I', role.name);
        execute format('revoke all on all sequences in schema ledger from %I', role.name);
        execute format('grant usage on schema ledger to %I', role.name);
        execute format('grant select on all tables in schema ledger to %I', role.name);
        execute format('grant select on all sequences in schema ledger to %I', role.name);
        continue when role.kind = 'reader';

        -- The log: one row more, and no row changed.
        foreach name in array array[
            'mt_events', 'ledger_leaf', 'ledger_tile', 'ledger_checkpoint', 'ledger_anchor', 'epoch'] loop
            execute format('grant insert on ledger.%I to %I', name, role.name);
        end loop;
        -- Whoever locks the head's row must be allowed to update it; its trigger refuses the update.
        execute format('grant update (one) on ledger.ledger_head to %I', role.name);
        execute format('grant usage on all sequences in schema ledger to %I', role.name);

        -- What follows from the log: the verifier makes it again.
        execute format('grant insert, update on ledger.mt_streams, ledger.rule_state to %I', role.name);
        foreach name in array array[
            'event_tag', 'partner_right', 'habilitation_right', 'usage', 'alert', 'alert_outcome'] loop
            if to_regclass('ledger.' || name) is not null then
                execute format('grant insert, update, delete on ledger.%I to %I', name, role.name);
            end if;
        end loop;
    end loop;
end $$;

revoke execute on procedure ledger.grant_roles() from public;
