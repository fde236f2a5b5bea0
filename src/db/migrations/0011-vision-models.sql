-- How a version looks at pictures: task, input, output, labels and thresholds, as in a manifest. Null for models of rows.
alter table model_versions add column vision jsonb;
