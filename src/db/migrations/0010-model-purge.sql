-- Files of archived versions can be deleted for good; the row stays, with its digests, for the log and the audit.
alter table models add column archived_at timestamptz(3);
alter table model_versions add column archived_at timestamptz(3);
-- Set first, then the files go: whoever finds it set deletes what is left of them. Never taken back.
alter table model_versions add column purged_at timestamptz(3);

-- What is archived already begins to count now.
update models set archived_at = now() where status = 'archived';
update model_versions set archived_at = now() where status = 'archived';

alter table models add constraint models_archived_at_check check ((archived_at is not null) = (status = 'archived'));
alter table model_versions add constraint model_versions_archived_at_check
  check ((archived_at is not null) = (status = 'archived'));
alter table model_versions add constraint model_versions_purged_at_check check (purged_at is null or status = 'archived');
create index model_versions_purged on model_versions (purged_at, model_id, version) where purged_at is not null;
