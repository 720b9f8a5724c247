package io.weir.warehouse.rollup;

/**
 * A column that a rollup groups by.
 *
 * @param name of the column, in the rollup and in {@code events}; {@code name} is that of a measurement
 * @param meaning for a person
 */
public record Dimension(String name, String meaning) {}
