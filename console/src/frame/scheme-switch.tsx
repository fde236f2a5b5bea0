import { Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../parts/icon-button.tsx';
import { applyScheme, storedScheme, type Scheme } from './scheme.ts';

const next: Readonly<Record<Scheme, Scheme>> = { system: 'light', light: 'dark', dark: 'system' };
const icons = { system: Monitor, light: Sun, dark: Moon } as const;

export function SchemeSwitch() {
  const [scheme, setScheme] = useState(storedScheme);
  const Icon = icons[scheme];
  return (
    <IconButton
      label={`Colours: ${scheme}. Switch to ${next[scheme]}`}
      onClick={() => {
        applyScheme(next[scheme]);
        setScheme(next[scheme]);
      }}
    >
      <Icon size={18} />
    </IconButton>
  );
}
