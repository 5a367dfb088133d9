// What went wrong, in the server's words when it has any.
import type { Problem } from './shapes';

/** A request that did not succeed. `code` is stable: `unreachable`, `unauthorized`, or the server's own. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** The server could not be reached at all. */
export function unreachable(): ApiError {
  return new ApiError({ status: 0, code: 'unreachable', title: '', hint: '' });
}

/** Reads a failed answer; an answer that is not a problem document becomes one without words. */
export function problemOf(status: number, body: unknown): ApiError {
  const code = status === 401 ? 'unauthorized' : status === 404 ? 'not_found' : 'failed';
  return new ApiError(isProblem(body) ? { ...body, status } : { status, code, title: '', hint: '' });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
}
