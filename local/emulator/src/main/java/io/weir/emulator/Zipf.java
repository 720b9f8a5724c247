package io.weir.emulator;

import java.util.SplittableRandom;

/** Ranks that follow Zipf's law: rank k is drawn in proportion to 1 / (k + 1)^exponent. Walker's alias method. */
final class Zipf {

    private final double[] keep;
    private final int[] alias;

    Zipf(int size, double exponent) {
        double[] weight = new double[size];
        double sum = 0;
        for (int i = 0; i < size; i++) {
            weight[i] = Math.pow(i + 1.0, -exponent);
            sum += weight[i];
        }
        keep = new double[size];
        alias = new int[size];
        int[] small = new int[size];
        int[] large = new int[size];
        int smalls = 0;
        int larges = 0;
        for (int i = 0; i < size; i++) {
            keep[i] = weight[i] * size / sum;
            alias[i] = i;
            if (keep[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int poor = small[--smalls];
            int rich = large[larges - 1];
            alias[poor] = rich;
            keep[rich] -= 1 - keep[poor];
            if (keep[rich] < 1) {
                larges--;
                small[smalls++] = rich;
            }
        }
        while (larges > 0) {
            keep[large[--larges]] = 1;
        }
        while (smalls > 0) {
            keep[small[--smalls]] = 1;
        }
    }

    /** @return a rank from 0 (the most frequent) */
    int draw(SplittableRandom random) {
        int slot = random.nextInt(keep.length);
        return random.nextDouble() < keep[slot] ? slot : alias[slot];
    }
}
