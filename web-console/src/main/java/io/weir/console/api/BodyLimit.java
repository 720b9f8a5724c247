package io.weir.console.api;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Reads no more of a request's body than any route needs, however it is sent: what is too large is 413, and never in memory. */
@Component
class BodyLimit extends OncePerRequestFilter {

    private static final int MOST_BYTES = 1 << 20;

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        chain.doFilter(
                new HttpServletRequestWrapper(request) {
                    @Override
                    public ServletInputStream getInputStream() throws IOException {
                        if (getContentLengthLong() > MOST_BYTES) {
                            throw tooLarge();
                        }
                        return new Limited(super.getInputStream());
                    }
                },
                response);
    }

    private static ErrorResponseException tooLarge() {
        return new ErrorResponseException(
                HttpStatus.CONTENT_TOO_LARGE,
                ApiProblems.problem(
                        HttpStatus.CONTENT_TOO_LARGE, "too_large", "A request may have " + MOST_BYTES + " bytes."),
                null);
    }

    private static final class Limited extends ServletInputStream {

        private final ServletInputStream in;
        private long read;

        Limited(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int one = in.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int some = in.read(bytes, offset, length);
            count(Math.max(0, some));
            return some;
        }

        private void count(int bytes) {
            read += bytes;
            if (read > MOST_BYTES) {
                throw tooLarge();
            }
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}
