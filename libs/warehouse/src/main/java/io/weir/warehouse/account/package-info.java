/** Accounts with which people and BI tools read the warehouse by SQL: one model, written as SQL or as users.xml. */
@NullMarked
package io.weir.warehouse.account;

import org.jspecify.annotations.NullMarked;
