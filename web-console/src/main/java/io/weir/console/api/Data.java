package io.weir.console.api;

/** As every answer of the API that is not a problem and not that of a query. */
public record Data<T>(String status, T data) {

    public static <T> Data<T> of(T data) {
        return new Data<>("success", data);
    }
}
