import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The browser of this machine, if it has one. STRIDENET_BROWSER names another one, such as firefox-esr. */
export const chromium = [
  process.env.STRIDENET_BROWSER ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);

/** A file that the page can fetch, with headers of its own. */
export interface PageFile {
  type: string;
  content: string | Uint8Array;
  headers?: Readonly<Record<string, string>>;
}

export interface PageOptions {
  /** The headers of cross-origin isolation. Default true. */
  isolated?: boolean;
  /** More headers of the page and its script. */
  headers?: Readonly<Record<string, string>>;
  /** The address of a server that answers for all other paths. */
  behind?: string;
  /** More files, by their paths. */
  files?: Readonly<Record<string, PageFile>>;
}

const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

async function forward(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray());
  const { 'x-token': token } = request.headers;
  const answer = await fetch(url, {
    ...{ method: request.method ?? 'GET', headers: token === undefined ? {} : { 'x-token': String(token) } },
    ...(body.length > 0 && { body }),
  });
  response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
  response.end(Buffer.from(await answer.arrayBuffer()));
}

/** What a page with this script posts to /result. */
export async function visit(script: string, options: PageOptions = {}): Promise<unknown> {
  let answer: (body: string) => void;
  let fail: (error: Error) => void;
  const posted = new Promise<string>((resolve, reject) => {
    [answer, fail] = [resolve, reject];
  });
  const page: Record<string, PageFile> = {
    '/': { type: 'text/html', content: '<!doctype html><script src="/script.js"></script>' },
    '/script.js': { type: 'text/javascript', content: script },
    ...options.files,
  };
  const server = createServer((request, response) => {
    const file = page[request.url ?? ''];
    const headers = { ...((options.isolated ?? true) ? ISOLATION : {}), ...(file?.headers ?? options.headers) };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (file === undefined && options.behind !== undefined && request.url !== '/result') {
      void forward(request, new URL(request.url ?? '/', options.behind), response);
    } else if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => (body += chunk)).on('end', () => answer(body));
      response.end();
    } else {
      if (file !== undefined) response.setHeader('Content-Type', file.type);
      else response.statusCode = 404;
      response.end(file?.content);
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(join(tmpdir(), 'stridenet-profile-'));
  const browser = spawn(
    chromium!,
    [
      ...(/firefox/.test(chromium!) ? firefoxArguments(profile) : chromiumArguments(profile)),
      `http://127.0.0.1:${port}/`,
    ],
    // A group of its own: its processes end together, and nobody writes to the profile after that.
    { stdio: 'ignore', detached: true },
  );
  const timer = setTimeout(() => fail(new Error('the page has not answered for 100 seconds')), 100_000);
  try {
    return JSON.parse(await posted);
  } finally {
    clearTimeout(timer);
    const gone = new Promise((resolve) => browser.once('exit', resolve));
    process.kill(-browser.pid!, 'SIGKILL');
    await gone;
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function chromiumArguments(profile: string): string[] {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--user-data-dir=${profile}`,
  ];
}

function firefoxArguments(profile: string): string[] {
  return ['--headless', '--no-remote', '--profile', profile];
}
