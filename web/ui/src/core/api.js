// Asks the API. Answers are JSON; what goes wrong is an ApiError with the
// sentence of the server, or one that says what to do.

const PREFIX = '/api/v1';

export class ApiError extends Error {
	constructor(status, code, message, at = null) {
		super(message);
		this.name = 'ApiError';
		this.status = status;
		this.code = code;
		this.at = at;
	}
}

/* /api/v1/... of a path and parameters; empty ones are left out. */
export function apiUrl(path, params = {}) {
	const query = new URLSearchParams();

	for (const [name, value] of Object.entries(params)) {
		if (value !== null && value !== undefined && value !== '')
			query.set(name, String(value));
	}
	const text = query.toString();

	return PREFIX + path + (text ? `?${text}` : '');
}

const sentences = {
	0: 'The server does not answer. Is callscope still running, and the network there?',
	403: 'Your role may not see this. Ask whoever gave you the login.',
	404: 'This is not there, or no longer.',
	429: 'Too many requests. Wait a moment and try again.',
	503: 'The store cannot be read now. Try again, or look at the health line above.',
};

/* The error of an answer: the API's object, else a sentence for the status. */
export async function errorOf(response) {
	let told = null;

	try {
		told = (await response.json()).error;
	} catch {
		/* no JSON: something in between answered */
	}
	return new ApiError(response.status, told?.code ?? 'unknown',
		told?.message ?? sentences[response.status] ??
		`The server answered ${response.status}.`, told?.at ?? null);
}

/* Where somebody goes whose login is over, to come back here afterwards. */
export function loginHref(location) {
	const here = location.pathname + location.search;

	return here === '/' ? '/' : `/?next=${encodeURIComponent(here)}`;
}

async function ask(url, init) {
	let response;

	try {
		response = await fetch(url, { credentials: 'same-origin', ...init });
	} catch (e) {
		if (e.name === 'AbortError')
			throw e;
		throw new ApiError(0, 'unreachable', sentences[0]);
	}
	if (response.status === 401 && typeof location !== 'undefined')
		location.assign(loginHref(location));
	if (!response.ok)
		throw await errorOf(response);
	return response;
}

export async function getJson(path, params = {}, signal = undefined) {
	const response = await ask(apiUrl(path, params), {
		signal, headers: { Accept: 'application/json' },
	});

	return response.json();
}

/* A change; `session` has the token that proves that this page asks. */
export async function postJson(path, body, session) {
	const response = await ask(apiUrl(path), {
		method: 'POST',
		headers: {
			'Content-Type': 'application/json',
			'X-CSRF-Token': session.csrf,
		},
		body: body === undefined ? undefined : JSON.stringify(body),
	});

	return response.status === 204 ? null : response.json();
}
