import { readFileSync, writeFileSync } from 'node:fs';
import { rows, type Panel } from './dashboard/panels.ts';

/** Makes the Grafana dashboard from its table; with --check, says whether the file is stale. */

const file = new URL('../deploy/grafana/fovea.json', import.meta.url);
const datasource = { type: 'prometheus', uid: '${datasource}' };
const width = 8;
const height = 8;
const columns = 3;

interface Place {
  readonly h: number;
  readonly w: number;
  readonly x: number;
  readonly y: number;
}

function panelOf({ title, unit, lines, help }: Panel, id: number, gridPos: Place): object {
  return {
    id,
    type: 'timeseries',
    title,
    ...(help === undefined ? {} : { description: help }),
    datasource,
    gridPos,
    fieldConfig: {
      defaults: { unit: unit === 'cores' ? 'short' : unit, min: 0 },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: lines.map(([promql, legendFormat], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource,
      expr: promql.replaceAll('$i', 'instance=~"$instance"'),
      legendFormat,
    })),
  };
}

/** The whole document, in Grafana's JSON model (schema version 39, Grafana 10 and newer). */
function dashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    const gridPos = { h: 1, w: width * columns, x: 0, y };
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos,
    });
    y += 1;
    for (const [index, panel] of row.panels.entries()) {
      const x = (index % columns) * width;
      const top = y + Math.floor(index / columns) * height;
      panels.push(panelOf(panel, panels.length + 1, { h: height, w: width, x, y: top }));
    }
    y += Math.ceil(row.panels.length / columns) * height;
  }
  return {
    uid: 'fovea',
    title: 'Fovea',
    tags: ['fovea'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          name: 'instance',
          type: 'query',
          label: 'Server',
          datasource,
          query: { query: 'label_values(fovea_ready, instance)', refId: 'instance' },
          refresh: 2,
          multi: true,
          includeAll: true,
          current: { text: ['All'], value: ['$__all'] },
        },
      ],
    },
    panels,
  };
}

const text = `${JSON.stringify(dashboard(), null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  process.stdout.write('deploy/grafana/fovea.json is stale; run npm run dashboard\n');
  process.exitCode = 1;
}
