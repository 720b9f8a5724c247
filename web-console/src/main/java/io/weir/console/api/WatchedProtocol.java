package io.weir.console.api;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;

/**
 * HTTP/1.1 of Tomcat, which lets a request ask whether its client is still there. The servlet API tells that only to one who writes,
 * and nothing can be written before it is known whether the answer is a success.
 */
public final class WatchedProtocol extends Http11NioProtocol {

    private static final String ATTRIBUTE = ClientConnection.class.getName();

    private static final int NOTE = 30;

    /** Has a server speak it. */
    public static void on(TomcatServletWebServerFactory tomcat) {
        tomcat.setProtocol(WatchedProtocol.class.getName());
        tomcat.addEngineValves(new Handover());
    }

    /** The connection that a request came by. */
    public static ClientConnection connection(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof ClientConnection known ? known : () -> false;
    }

    @Override
    protected Processor createProcessor() {
        return new WatchedProcessor(this);
    }

    private static final class WatchedProcessor extends Http11Processor implements ClientConnection {

        WatchedProcessor(WatchedProtocol protocol) {
            super(protocol, protocol.getAdapter());
            request.setNote(NOTE, this);
        }

        /** What a client sends ahead while it waits stays where Tomcat reads it next. */
        @Override
        public boolean isClosed() {
            SocketWrapperBase<?> socket = getSocketWrapper();
            if (socket == null || socket.isClosed()) {
                return true;
            }
            try {
                socket.isReadyForRead();
                return false;
            } catch (IOException e) {
                return true;
            }
        }
    }

    /** Hands the connection on to the servlets. */
    private static final class Handover extends ValveBase {

        Handover() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            if (request.getCoyoteRequest().getNote(NOTE) instanceof ClientConnection connection) {
                request.setAttribute(ATTRIBUTE, connection);
            }
            getNext().invoke(request, response);
        }
    }
}
