import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { signedIn } from './api/login.ts';
import { Problem } from './api/problem.ts';
import { applyScheme, storedScheme } from './frame/scheme.ts';
import { router } from './routes.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/skeleton.css';

applyScheme(storedScheme());

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the caller must change fails at once; what may pass is tried twice more.
      // A login that the server did not take has a new token by now, or is over.
      retry: (count, error) =>
        error instanceof Problem && error.status === 401
          ? count < 1 && signedIn()
          : count < 2 && !(error instanceof Problem && !error.retryable),
    },
  },
});

const place = document.getElementById('app');
if (place === null) throw new Error('index.html has no #app');
const root = createRoot(place);
const show = (): void =>
  root.render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
// The skeleton stays until the first page is whole: nothing flashes in between.
router.load().then(show, show);
