package io.weir.console.api;

import io.weir.console.access.Problems;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/** Gives a type to problems that have none of their own, such as Spring's. */
@RestControllerAdvice
class TypedProblems implements ResponseBodyAdvice<Object> {

    private static final URI NONE = URI.create("about:blank");

    @Override
    public boolean supports(MethodParameter answer, Class<? extends HttpMessageConverter<?>> converter) {
        return true;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object answer,
            MethodParameter method,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (answer instanceof ProblemDetail problem && (problem.getType() == null || NONE.equals(problem.getType()))) {
            problem.setType(URI.create(Problems.TYPE + Problems.code(HttpStatusCode.valueOf(problem.getStatus()))));
        }
        return answer;
    }
}
