/** How a value is written, in Grafana's words. */
export type Unit = 's' | 'bytes' | 'reqps' | 'percentunit' | 'short' | 'cores';

export interface Panel {
  readonly title: string;
  readonly unit: Unit;
  /** What is drawn: PromQL, and the name of the line. `$i` stands for the choice of instances. */
  readonly lines: readonly (readonly [promql: string, legend: string])[];
  readonly help?: string;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const quantiles = (metric: string, by: string, legend: string, only = ''): Panel['lines'] =>
  [0.5, 0.95, 0.99].map((q) => [
    `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) (rate(${metric}_bucket{$i${only}}[$__rate_interval])))`,
    `p${q * 100} ${legend}`.trim(),
  ]);
const perSecond = (metric: string, by: string, only = ''): string =>
  `sum by (${by}) (rate(${metric}{$i${only}}[$__rate_interval]))`;
const work = ',route!~"/health.*|/metrics"';

/** The dashboard, row by row. `npm run dashboard` makes `deploy/grafana/fovea.json` from it. */
export const rows: readonly Row[] = [
  {
    title: 'Service',
    panels: [
      { title: 'Ready', unit: 'short', lines: [['fovea_ready{$i}', '{{instance}}']] },
      {
        title: 'Requests',
        unit: 'reqps',
        lines: [
          [perSecond('fovea_http_request_duration_seconds_count', 'status', work), '{{status}}'],
        ],
      },
      {
        title: 'Errors (5xx)',
        unit: 'percentunit',
        help: 'The promise is less than 0.5 %.',
        lines: [
          [
            `sum(rate(fovea_http_request_duration_seconds_count{$i,status=~"5.."${work}}[$__rate_interval])) / sum(rate(fovea_http_request_duration_seconds_count{$i${work}}[$__rate_interval]))`,
            'of all answers',
          ],
        ],
      },
      {
        title: 'Errors by code',
        unit: 'reqps',
        lines: [[perSecond('fovea_errors_total', 'code'), '{{code}}']],
      },
      {
        title: 'Time to answer',
        unit: 's',
        lines: quantiles('fovea_http_request_duration_seconds', '', '', work),
      },
      {
        title: 'Time to answer by route (p95)',
        unit: 's',
        lines: [
          [
            `histogram_quantile(0.95, sum by (le, route) (rate(fovea_http_request_duration_seconds_bucket{$i${work}}[$__rate_interval])))`,
            '{{route}}',
          ],
        ],
      },
    ],
  },
  {
    title: 'Inference',
    panels: [
      {
        title: 'Stages (p95)',
        unit: 's',
        lines: [
          [
            'histogram_quantile(0.95, sum by (le, stage) (rate(fovea_analysis_stage_duration_seconds_bucket{$i}[$__rate_interval])))',
            '{{stage}}',
          ],
        ],
      },
      {
        title: 'Queue',
        unit: 'short',
        lines: [
          ['fovea_queue_pending_requests{$i}', 'waiting {{group}}'],
          ['fovea_worker_running_requests{$i}', 'running {{group}}'],
        ],
      },
      {
        title: 'Wait for a worker',
        unit: 's',
        lines: quantiles('fovea_queue_wait_seconds', 'group', '{{group}}'),
      },
      {
        title: 'Predictions in one run',
        unit: 'short',
        lines: quantiles('fovea_batch_requests', '', ''),
      },
      {
        title: 'Found in caches',
        unit: 'percentunit',
        lines: [
          [
            `${perSecond('fovea_result_cache_lookups_total', 'instance', ',outcome="hit"')} / ${perSecond('fovea_result_cache_lookups_total', 'instance')}`,
            'analyses',
          ],
          [
            `${perSecond('fovea_prediction_cache_lookups_total', 'cache', ',outcome="hit"')} / ${perSecond('fovea_prediction_cache_lookups_total', 'cache')}`,
            'predictions {{cache}}',
          ],
          [
            `${perSecond('fovea_credential_lookups_total', 'kind', ',outcome="hit"')} / ${perSecond('fovea_credential_lookups_total', 'kind')}`,
            'credentials {{kind}}',
          ],
        ],
      },
      {
        title: 'Refused by rate limits',
        unit: 'reqps',
        lines: [[perSecond('fovea_rate_limited_total', 'policy'), '{{policy}}']],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'Memory',
        unit: 'bytes',
        lines: [
          ['fovea_process_resident_memory_bytes{$i}', 'main'],
          ['fovea_process_heap_bytes{$i}', 'heap of main'],
          ['fovea_worker_resident_memory_bytes{$i}', '{{group}} {{worker}}'],
        ],
      },
      {
        title: 'Processor',
        unit: 'cores',
        lines: [
          [perSecond('fovea_process_cpu_seconds_total', 'instance'), 'main'],
          [perSecond('fovea_worker_cpu_seconds_total', 'group'), 'workers {{group}}'],
        ],
      },
      {
        title: 'Workers',
        unit: 'short',
        lines: [['sum by (group, state) (fovea_workers{$i})', '{{group}} {{state}}']],
      },
      {
        title: 'Workers replaced in an hour',
        unit: 'short',
        help: 'By plan costs nothing; the rest are workers that died, and took what they held.',
        lines: [
          [
            'sum by (group) (increase(fovea_worker_restarts_total{$i}[1h])) - sum by (group) (increase(fovea_worker_recycled_total{$i}[1h]))',
            'died {{group}}',
          ],
          [
            'sum by (group, reason) (increase(fovea_worker_recycled_total{$i}[1h]))',
            '{{reason}} {{group}}',
          ],
        ],
      },
      {
        title: 'Event loop delay',
        unit: 's',
        lines: [['fovea_event_loop_delay_seconds{$i}', 'quantile {{quantile}}']],
      },
      {
        title: 'Garbage collection',
        unit: 'percentunit',
        help: 'Share of the time that the main process pauses.',
        lines: [[perSecond('fovea_gc_duration_seconds_sum', 'instance'), '{{instance}}']],
      },
    ],
  },
  {
    title: 'Sessions and stores',
    panels: [
      {
        title: 'Dependencies lost',
        unit: 'short',
        help: '0 works, 1 on trial, 2 lost.',
        lines: [['fovea_breaker_state{$i}', '{{dependency}}']],
      },
      {
        title: 'Session operations (p99)',
        unit: 's',
        help: 'The promise is 50 ms.',
        lines: [
          [
            'histogram_quantile(0.99, sum by (le, operation) (rate(fovea_session_operation_duration_seconds_bucket{$i}[$__rate_interval])))',
            '{{operation}}',
          ],
        ],
      },
      {
        title: 'Redis (p99)',
        unit: 's',
        lines: [
          [
            'histogram_quantile(0.99, sum by (le, operation) (rate(fovea_redis_operation_duration_seconds_bucket{$i}[$__rate_interval])))',
            '{{operation}}',
          ],
        ],
      },
      {
        title: 'Image store (p95)',
        unit: 's',
        lines: [
          [
            'histogram_quantile(0.95, sum by (le, operation) (rate(fovea_blob_operation_duration_seconds_bucket{$i}[$__rate_interval])))',
            '{{operation}}',
          ],
        ],
      },
      {
        title: 'Sessions and streams',
        unit: 'short',
        lines: [
          ['fovea_sessions_live{$i}', 'sessions'],
          ['fovea_streams{$i}', 'streams'],
          [perSecond('fovea_stream_frames_total', 'outcome'), 'frames/s {{outcome}}'],
        ],
      },
      {
        title: 'What waits on the disk',
        unit: 'bytes',
        lines: [
          ['fovea_prediction_log_waiting_bytes{$i}', 'predictions'],
          ['fovea_detection_log_waiting_bytes{$i}', 'detections'],
          ['fovea_image_spool_bytes{$i}', 'images'],
        ],
      },
    ],
  },
];
