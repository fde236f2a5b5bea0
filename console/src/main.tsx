import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Problem } from './api/problem.ts';
import { applyScheme, storedScheme } from './frame/scheme.ts';
import { router } from './routes.tsx';
import './styles/tokens.css';
import './styles/base.css';

applyScheme(storedScheme());

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the caller must change fails at once; what may pass is tried twice more.
      retry: (count, error) => count < 2 && !(error instanceof Problem && !error.retryable),
    },
  },
});

const place = document.getElementById('app');
if (place === null) throw new Error('index.html has no #app');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
