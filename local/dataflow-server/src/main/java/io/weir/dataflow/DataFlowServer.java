package io.weir.dataflow;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.autoconfigure.security.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.servlet.SecurityAutoConfiguration;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.autoconfigure.session.SessionAutoConfiguration;
import org.springframework.cloud.dataflow.server.EnableDataFlowServer;
import org.springframework.cloud.deployer.spi.cloudfoundry.CloudFoundryDeployerAutoConfiguration;
import org.springframework.cloud.deployer.spi.kubernetes.KubernetesAutoConfiguration;
import org.springframework.cloud.deployer.spi.local.LocalDeployerAutoConfiguration;
import org.springframework.cloud.task.configuration.MetricsAutoConfiguration;
import org.springframework.cloud.task.configuration.SimpleTaskAutoConfiguration;

/**
 * Spring Cloud Data Flow 2.11 with its dashboard, as the one server of a machine.
 *
 * <p>It has no sign-in and so listens on loopback only, and answers only requests that name a loopback host and come
 * from its own pages (see {@link OwnPagesOnly}).
 */
@SpringBootApplication(
        exclude = {
            MetricsAutoConfiguration.class,
            SessionAutoConfiguration.class,
            SimpleTaskAutoConfiguration.class,
            ManagementWebSecurityAutoConfiguration.class,
            SecurityAutoConfiguration.class,
            UserDetailsServiceAutoConfiguration.class,
            LocalDeployerAutoConfiguration.class,
            CloudFoundryDeployerAutoConfiguration.class,
            KubernetesAutoConfiguration.class
        })
@EnableDataFlowServer
public class DataFlowServer {

    /** Starts the server; the configuration comes from {@code --spring.config.additional-location}. */
    public static void main(String[] args) {
        SpringApplication.run(DataFlowServer.class, args);
    }
}
