/*
 * One process at a time changes the tables of a database, whichever node of a
 * cluster it is connected to. On one server that is GET_LOCK. In Galera such a
 * lock is the node's own, and statements of several nodes that change the same
 * tables at once can hang a node: there the turn is a row of table
 * schema_version, number 0, whose name is the time when it ends by itself.
 */
#ifndef STORAGE_MYSQL_TURN_H
#define STORAGE_MYSQL_TURN_H

#include "storage/mysql_db.h"

/* Waits up to wait_s seconds. 0, -EAGAIN when it is another's turn, or as
 * mysql_db_why(). */
int mysql_turn_take(struct mysql_db *db, unsigned wait_s, char why[SINK_WHY]);
/* For whoever took it; a connection that is gone is fine. */
void mysql_turn_end(struct mysql_db *db);

#endif
