-- What predicting with a version needs to know besides its signature, which people read: the values that its
-- columns may have, all of them, and whether something is done outside of the graph. Lists leave it out.
alter table model_versions add column serving jsonb not null default '{}';
