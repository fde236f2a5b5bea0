/** Builds the console to dist/, where the server finds it. Without the tools to build (npm ci --omit=dev) it says so and is done. */

const tools = await import('vite').catch(() => undefined);
if (tools) await tools.build({ root: import.meta.dirname, logLevel: 'warn' });
else
  process.stdout.write(
    'The console is not built: the development dependencies are not installed.\n',
  );
