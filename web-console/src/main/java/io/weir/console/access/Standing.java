package io.weir.console.access;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/** Whether callers still are who they were when they asked, for answers that go on after that. */
@Component
public class Standing {

    private final BearerFilter bearers;
    private final Sessions sessions;

    Standing(BearerFilter bearers, Sessions sessions) {
        this.bearers = bearers;
        this.sessions = sessions;
    }

    /**
     * To be asked again and again, by any thread: false once the token or the session that came with the request is no longer valid, or
     * stands for another role or tenant. It may know three seconds late.
     */
    public BooleanSupplier of(HttpServletRequest request, Caller caller) {
        if (BearerFilter.applies(request)) {
            String secret = BearerFilter.secret(request);
            return () -> bearers.stillIs(caller, secret);
        }
        HttpSession session = request.getSession(false);
        if (session == null) {
            return () -> false;
        }
        String id = session.getId();
        return () -> sessions.stillIs(caller, id);
    }
}
