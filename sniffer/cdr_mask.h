/*
 * Numbers and pressed keys of a record made unreadable (base/mask.h): users,
 * URIs and names of both parties, address-of-record and contact, digits.
 */
#ifndef SNIFFER_CDR_MASK_H
#define SNIFFER_CDR_MASK_H

#include "sniffer/base/mask.h"
#include "sniffer/cdr.h"

/* Texts are replaced by copies in the record's arena; without memory for one
 * it becomes null. */
void cdr_mask(struct cdr *cdr, const struct mask *m);

#endif
