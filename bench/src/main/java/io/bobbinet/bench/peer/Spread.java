package io.bobbinet.bench.peer;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** The middle of some figures, and how far they lie apart: order statistics, since a neighbour's noise knows no mean. */
record Spread(double least, double lowerQuartile, double median, double upperQuartile, double most) {

    static Spread of(DoubleStream figures) {
        double[] sorted = figures.toArray();
        Arrays.sort(sorted);
        return new Spread(at(sorted, 0), at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75), at(sorted, 1));
    }

    private static double at(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
