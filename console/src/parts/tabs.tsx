import { Tabs as Base } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import styles from './tabs.module.css';

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly { readonly title: string; readonly content: ReactNode }[];
}

/** Several views of one thing, one at a time. Arrow keys move between them. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <Base.Root defaultValue={0}>
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
