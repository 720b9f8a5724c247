package io.weir.warehouse.table;

/** Sorts numbers of rows, stably, without boxing; what comes nearly in order, as events do, costs little. */
final class RowOrder {

    private static final int SHORT = 12;

    /** Compares two rows. */
    @FunctionalInterface
    interface Comparison {
        int compare(int row, int other);
    }

    private RowOrder() {}

    static int[] sorted(int rows, Comparison comparison) {
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++) {
            order[i] = i;
        }
        sort(order, order.clone(), 0, rows, comparison);
        return order;
    }

    private static void sort(int[] order, int[] space, int from, int to, Comparison comparison) {
        if (to - from <= SHORT) {
            insertionSort(order, from, to, comparison);
            return;
        }
        int middle = (from + to) >>> 1;
        sort(order, space, from, middle, comparison);
        sort(order, space, middle, to, comparison);
        if (comparison.compare(order[middle - 1], order[middle]) <= 0) {
            return;
        }
        System.arraycopy(order, from, space, from, middle - from);
        int left = from;
        int right = middle;
        for (int at = from; left < middle && at < right; at++) {
            order[at] =
                    right < to && comparison.compare(space[left], order[right]) > 0 ? order[right++] : space[left++];
        }
    }

    private static void insertionSort(int[] order, int from, int to, Comparison comparison) {
        for (int i = from + 1; i < to; i++) {
            int row = order[i];
            int at = i;
            while (at > from && comparison.compare(order[at - 1], row) > 0) {
                order[at] = order[--at];
            }
            order[at] = row;
        }
    }
}
