import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The server whose API `npm run dev` talks to. */
const server = 'http://127.0.0.1:8000';

/**
 * What is fetched together is one file: the libraries, which seldom change; what every page stands on, with the
 * page that is shown first; the charts, which only dashboards draw. Every other page is a file of its own.
 */
const files = [
  { name: 'libraries', test: /node_modules\/(?!uplot)/, priority: 3 },
  {
    name: 'first',
    test: /console\/src\/(api|frame|parts|image|overlay|pages\/playground)\//,
    priority: 2,
  },
  { name: 'charts', test: /uplot|console\/src\/charts\//, priority: 1 },
] as const;

// oxlint-disable-next-line import/no-default-export -- Vite asks for one.
export default defineConfig({
  base: '/app/',
  plugins: [react()],
  build: {
    // Inlined files would need `data:` in the Content-Security-Policy.
    assetsInlineLimit: 0,
    // All of it is a few kilobytes; in one file no page is ever shown before its looks.
    cssCodeSplit: false,
    target: 'es2023',
    sourcemap: false,
    rolldownOptions: { output: { codeSplitting: { groups: [...files] } } },
  },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/health': server,
      '/metrics': server,
      '/openapi.json': server,
    },
  },
});
