import { milliseconds } from '../../parts/quantities.ts';
import { Stats } from '../../parts/stats.tsx';
import type { Figures } from './frame-figures.ts';

/** How many frames go and come, how long that takes, and how many are left out. */
export function LiveStats({ figures }: { readonly figures: Figures }) {
  const { sent, answered, sentRate, answeredRate, skipped, dropped, failed, latency } = figures;
  return (
    <Stats
      label="How it goes"
      stats={[
        { name: 'Sent', value: rateText(sentRate), note: framesText(sent) },
        { name: 'Answered', value: rateText(answeredRate), note: framesText(answered) },
        {
          name: 'Latency',
          value: latency ? milliseconds(latency.p50) : '–',
          note: latency ? `95 % within ${milliseconds(latency.p95)}` : 'picture to answer',
        },
        { name: 'Left out here', value: skipped, note: 'earlier ones had no answer yet' },
        { name: 'Dropped by the server', value: dropped, note: 'it was busy with others' },
        {
          name: 'Failed',
          value: failed,
          note: 'answered with an error',
          tone: failed > 0 ? 'bad' : undefined,
        },
      ]}
    />
  );
}

function framesText(frames: number): string {
  return `${frames} ${frames === 1 ? 'frame' : 'frames'} in all`;
}

function rateText(rate: number): string {
  return `${rate.toFixed(1)} / s`;
}
