@org.jspecify.annotations.NullMarked
package io.weir.warehouse.account;
