import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The server whose API `npm run dev` talks to. */
const server = 'http://127.0.0.1:8000';

// oxlint-disable-next-line import/no-default-export -- Vite asks for one.
export default defineConfig({
  base: '/app/',
  plugins: [react()],
  // Inlined files would need `data:` in the Content-Security-Policy.
  build: { assetsInlineLimit: 0, target: 'es2023', sourcemap: false },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/health': server,
      '/metrics': server,
      '/openapi.json': server,
    },
  },
});
