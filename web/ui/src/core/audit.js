// Entries of the audit log in words. Pure.
import { callHref, searchHref } from './router.js';

const words = {
	login: 'logged in',
	login_failed: 'failed to log in',
	logout: 'logged out',
	listen: 'listened',
	pcap: 'took packets',
	wav: 'took sound',
	csv: 'took a list (CSV)',
	json: 'took a list (JSON)',
	token: 'token made',
	token_revoke: 'tokens revoked',
	user_add: 'login added',
	user_password: 'password changed',
	user_remove: 'login removed',
};

/* What somebody did; a word that is not known as it is. */
export function actionText(action) {
	return words[action] ?? action;
}

/* Where what it was done to is found: a call, or those of a search. */
export function whatHref({ what }) {
	if (!what)
		return null;
	return /^[0-9A-HJKMNP-TV-Z]{26}$/.test(what) ? callHref(what) : searchHref(what);
}
