import { Tabs as Base } from '@base-ui/react/tabs';
import { useState, type ReactNode } from 'react';
import { useTextInAddress } from './in-address.ts';
import styles from './tabs.module.css';

interface TabsProps {
  readonly label: string;
  /** Under which the page's address remembers the tab that is open; without it nothing does. */
  readonly addressKey?: string;
  readonly tabs: readonly { readonly title: string; readonly content: ReactNode }[];
}

/** Several views of one thing, one at a time. Arrow keys move between them. */
export function Tabs({ label, addressKey, tabs }: TabsProps) {
  const own = useState('');
  const addressed = useTextInAddress(addressKey ?? '');
  const [text, setText] = addressKey === undefined ? own : addressed;
  const open = Math.max(
    0,
    tabs.findIndex(({ title }) => slug(title) === text),
  );
  return (
    <Base.Root
      value={open}
      onValueChange={(value: number) => setText(value === 0 ? '' : slug(tabs[value]?.title ?? ''))}
    >
      <Base.List className={styles.list} aria-label={label}>
        {tabs.map(({ title }, i) => (
          <Base.Tab key={title} value={i} className={styles.tab}>
            {title}
          </Base.Tab>
        ))}
      </Base.List>
      {tabs.map(({ title, content }, i) => (
        <Base.Panel key={title} value={i} className={styles.panel}>
          {content}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}

function slug(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
