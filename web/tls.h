/*
 * Certificate and key of the server: PEM files, read once at the start.
 */
#ifndef WEB_TLS_H
#define WEB_TLS_H

#include "web/web_priv.h"

/* What GnuTLS offers: TLS 1.2 and later. */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* Fills w->cert and w->key, if they are wanted. A key that everybody can read
 * is refused. 0 or -errno with why. */
int tls_load(struct web *w, char why[WEB_WHY]);
/* Frees both; the key is wiped. */
void tls_forget(struct web *w);

#endif
