/** Stands below the measured table: why a prediction is not an echo. The shares are those of a CPU profile (`--profiles`). */
export const whatBoundsIt = `## What bounds it

- **One connection: the disk and two processes.** The answer waits for its record on the disk, so that the echo which
  syncs as many bytes is the most that can be had; the rest is the way to the worker process and back.
- **64 connections: two cores.** To answer 60 % as often as an echo of 16,200/s takes a request in 206 µs of processor time
  all in all. The client takes some 40 of them, PostgreSQL 40 to 50 to keep the record (five indexes, JSON), the worker 15 and the disk's
  threads 8. That leaves about 95 for the server's loop, its compiler and its collector; the echo's loop alone takes 55 to 75.
  With cores of their own for client and database the loop is the bound.

The server's loop at 64 connections, by a CPU profile on a busy machine, taken before what stands in brackets:

| Stage | Share |
|---|---|
| Node's HTTP and streams, Fastify's routing and hooks, headers (an echo has it too) | 29 % |
| writing the answer to the socket (one system call, which wakes the client) | 16 % |
| rows to tensors, batch, outputs to values, sample for the record | 10 % |
| log line (a logger per request is gone, lines leave in lots three times as big) | 8 % |
| record to JSON and to the journal (one call instead of two) | 8 % |
| journal to the database (lines go as they are: a third of it) | 6 % |
| own hooks: who asks, metrics, request id, what is lost | 5 % |
| to the worker and back | 5 % |
| reading the body's JSON | 2 % |
| checks of path and query | 1 % |
| collector on the loop | 2 % |
| many of less than 1 % | 8 % |

Tried and left out: another way to hash the input for the cache (1.4 µs instead of 1.7); larger young generation and one-threaded
collection (no difference that could be told from noise).
`;
