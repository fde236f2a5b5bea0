import { asCurl, asTypeScript } from '../../api/call-as-code.ts';
import type { AnsweredCall } from '../../api/call.ts';
import { signedIn } from '../../api/login.ts';
import { Badge } from '../../parts/badge.tsx';
import { Code } from '../../parts/code.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import styles from './calls.module.css';

interface CallsProps {
  readonly calls: readonly AnsweredCall[];
  readonly imageId: string | undefined;
}

/** Every call made with the image, in order, with the id traced through and the code to make it elsewhere. */
export function Calls({ calls, imageId }: CallsProps) {
  return (
    <Panel title="Calls">
      <ol className={styles.calls}>
        {calls.map((answered) => (
          <li key={answered.id}>
            <details>
              <summary>
                <code>
                  {answered.call.method} {answered.call.path}
                </code>
                <Badge tone={answered.problem ? 'bad' : 'good'}>{answered.status}</Badge>
                <span className="muted">{answered.milliseconds.toFixed(0)} ms</span>
                {imageId !== undefined && answered.text.includes(imageId) && (
                  <span className={styles.trace}>
                    image_id <code>{imageId.slice(0, 8)}…</code>
                  </span>
                )}
              </summary>
              <CallCode answered={answered} />
            </details>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function CallCode({ answered: { call, requestId } }: { readonly answered: AnsweredCall }) {
  const withToken = signedIn();
  return (
    <div className={styles.code}>
      {requestId !== undefined && (
        <p className="muted">
          request <code>{requestId}</code>
        </p>
      )}
      <Tabs
        label="The call as code"
        tabs={[
          {
            title: 'curl',
            content: (
              <Code text={asCurl(call, location.origin, withToken)} label="the curl command" />
            ),
          },
          {
            title: 'TypeScript',
            content: (
              <Code text={asTypeScript(call, location.origin, withToken)} label="the TypeScript" />
            ),
          },
        ]}
      />
    </div>
  );
}
