package io.bobbinet.bench.peer;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSession;

/** Netty's {@code SslHandler} with the JDK's provider; the property {@code io.bobbinet.bench.netty} names the transport. */
final class NettyTls implements TlsPeer {
    private final boolean epoll = "epoll".equals(System.getProperty("io.bobbinet.bench.netty"));
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport());
    private final AtomicLong received = new AtomicLong();
    private final TlsWork work;
    private final SslContext server;
    private final SslContext client;
    private final Sending sending;

    private NettyTls(Path keys, TlsWork work) throws Exception {
        this.work = work;
        this.sending = new Sending(work);
        this.server = limited(SslContextBuilder.forServer(TlsKeys.keys(keys)));
        this.client = limited(SslContextBuilder.forClient().trustManager(TlsKeys.trust(keys)));
    }

    public static void main(String[] arguments) throws Exception {
        NettyTls peer = new NettyTls(Path.of(arguments[0]), TlsWork.valueOf(arguments[1]));
        TlsPeer.obey(peer, peer.listen());
    }

    private static SslContext limited(SslContextBuilder builder) throws Exception {
        return builder.sslProvider(SslProvider.JDK)
                .protocols(PROTOCOL)
                .ciphers(List.of(CIPHER_SUITE))
                .build();
    }

    private IoHandlerFactory transport() {
        return epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    private int listen() throws Exception {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(server.newHandler(channel.alloc()), new Receiving(work.isEchoed(), received));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public String connect(int port) throws Exception {
        Channel channel = new Bootstrap()
                .group(loops)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(client.newHandler(channel.alloc(), "localhost", port), sending);
                    }
                })
                .connect(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel();
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        tls.handshakeFuture().sync();
        SSLSession session = tls.engine().getSession();
        return session.getProtocol() + " " + session.getCipherSuite();
    }

    @Override
    public long run(Duration time) throws Exception {
        return sending.run(time).get();
    }

    @Override
    public AtomicLong received() {
        return received;
    }

    /** Counts what comes, and sends it back if asked to. */
    private static final class Receiving extends ChannelInboundHandlerAdapter {
        private final boolean echoing;
        private final AtomicLong received;

        Receiving(boolean echoing, AtomicLong received) {
            this.echoing = echoing;
            this.received = received;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            received.setRelease(received.getPlain() + bytes.readableBytes());
            if (echoing) {
                context.writeAndFlush(bytes, context.voidPromise());
            } else {
                bytes.release();
            }
        }
    }

    /** Sends in the event loop: as long as the channel takes more or, if echoed, when the last message is back. */
    private static final class Sending extends ChannelInboundHandlerAdapter {
        private final TlsWork work;
        /** One for all, so that none is allocated; on the heap, where the JDK encrypts it as it is. */
        private final ByteBuf message;

        // All of the event loop, but for the first, which is set before the first run.
        private volatile ChannelHandlerContext context;
        private CompletableFuture<Long> done = new CompletableFuture<>();
        private boolean running;
        private long end;
        private long sent;
        private int returned;

        Sending(TlsWork work) {
            this.work = work;
            this.message = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(new byte[work.size()]));
        }

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        CompletableFuture<Long> run(Duration time) {
            CompletableFuture<Long> result = new CompletableFuture<>();
            context.executor().execute(() -> {
                done = result;
                running = true;
                end = System.nanoTime() + time.toNanos();
                sent = 0;
                if (work.isEchoed()) {
                    send();
                } else {
                    sendMany();
                }
            });
            return result;
        }

        private void send() {
            sent++;
            context.writeAndFlush(message.retainedDuplicate(), context.voidPromise());
        }

        private void sendMany() {
            // A flush may call channelWritabilityChanged, and that this again: either may be the one that ends the run.
            while (running && context.channel().isWritable()) {
                if (sent % BATCH == 0 && System.nanoTime() - end >= 0) {
                    finish();
                    return;
                }
                send();
            }
        }

        private void finish() {
            running = false;
            long result = sent;
            context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener((ChannelFutureListener) ignored -> done.complete(result));
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext changed) {
            if (!work.isEchoed()) {
                sendMany();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext from, Object bytes) {
            returned += ((ByteBuf) bytes).readableBytes();
            ((ByteBuf) bytes).release();
            if (returned < work.size()) {
                return;
            }
            returned = 0;
            if (System.nanoTime() - end >= 0) {
                done.complete(sent);
            } else {
                send();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext from, Throwable failure) {
            done.completeExceptionally(failure);
        }
    }
}
