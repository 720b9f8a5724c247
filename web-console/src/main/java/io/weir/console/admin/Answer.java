package io.weir.console.admin;

/** As every answer of the API that is not a problem. */
record Answer<T>(String status, T data) {

    static <T> Answer<T> of(T data) {
        return new Answer<>("success", data);
    }
}
