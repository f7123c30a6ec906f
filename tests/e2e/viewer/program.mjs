// The program under test: a store of the samples, users, and a server.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = process.env.CALLSCOPE;
const samples = join(process.env.CALLSCOPE_SRC, 'samples');

/* Who there is in each store, by role; the passwords are of these tests. */
export const users = {
	viewer: { name: 'vera', password: 'seven blue herons' },
	analyst: { name: 'anna', password: 'nine amber kettles' },
	admin: { name: 'adam', password: 'three slow ferries' },
};

/* Runs it to its end; what it wrote is in the error when it fails. */
export function callscope(args, { cwd } = {}) {
	const done = spawnSync(program, args, { cwd, encoding: 'utf8' });

	if (done.status !== 0)
		throw new Error(`callscope ${args.join(' ')}: status ${done.status}: ${done.stderr}`);
	return done.stdout;
}

/* Each sample is read alone, as others have the same addresses. */
function readSamples(dir) {
	const names = readdirSync(samples).filter((n) => /\.pcap(ng)?(\.gz)?$/.test(n));

	for (const name of names.sort()) {
		const keys = join(samples, name.replace(/\.pcap.*/, '.keylog'));

		callscope(['-r', join(samples, name), '-o', dir, '-q',
			...(existsSync(keys) ? ['--keys', keys] : [])]);
	}
}

export function addUser(dir, role, { name, password }) {
	const file = join(dir, `password-${name}`);

	writeFileSync(file, `${password}\n`, { mode: 0o600 });
	callscope(['user', 'add', name, '--role', role, '--password-file', file, '-o', dir]);
	rmSync(file);
}

/* A folder with a store and users; the caller removes it. */
export function makeStore() {
	const dir = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'viewer-'));

	readSamples(dir);
	for (const [role, user] of Object.entries(users))
		addUser(dir, role, user);
	return dir;
}

function freePort() {
	return new Promise((resolve, reject) => {
		const server = createServer();

		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();

			server.close(() => resolve(port));
		});
	});
}

async function answers(base, child) {
	for (let tries = 0; tries < 200; tries++) {
		if (child.exitCode !== null)
			return false;
		try {
			await fetch(`${base}/`, { method: 'HEAD' });
			return true;
		} catch {
			await new Promise((later) => setTimeout(later, 50));
		}
	}
	return false;
}

/* Starts "callscope serve" on a free port of loopback. { base, stop, said }:
 * stop() ends it and returns { status, said }. */
export async function serve(dir, more = []) {
	const port = await freePort();
	const base = `http://127.0.0.1:${port}`;
	const child = spawn(program,
		['serve', '-o', dir, '--http', `127.0.0.1:${port}`, ...more],
		{ stdio: ['ignore', 'pipe', 'pipe'] });
	const ended = new Promise((resolve) => child.on('exit', resolve));
	let said = '';

	for (const pipe of [child.stdout, child.stderr])
		pipe.on('data', (text) => {
			said += text;
		});
	async function stop() {
		child.kill('SIGTERM');
		return { status: await ended, said };
	}
	if (!await answers(base, child)) {
		await stop();
		throw new Error(`callscope serve does not answer: ${said}`);
	}
	return { base, stop };
}
