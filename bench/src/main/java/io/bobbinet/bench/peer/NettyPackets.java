package io.bobbinet.bench.peer;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.io.IOException;
import java.io.OutputStream;

/** The same codec on a pipeline of Netty, an event loop for each processor. */
final class NettyPackets {
    private static final int LIMIT = 65_536;

    private NettyPackets() {}

    public static void main(String[] arguments) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        new ServerBootstrap()
                .group(loops)
                .channel(EpollServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new LineBasedFrameDecoder(LIMIT), new Echo());
                    }
                })
                .bind(new DomainSocketAddress(Order.socket(arguments[0]).toFile()))
                .sync();
        Peer.serving(0);
    }

    /** Makes an order of each line, and a line of each order. */
    private static final class Echo extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf line) throws IOException {
            byte[] bytes = new byte[line.readableBytes()];
            line.readBytes(bytes);
            Order order = Order.CODEC.decode(bytes);
            ByteBuf answer = context.alloc().buffer(bytes.length + 1);
            try (OutputStream target = new ByteBufOutputStream(answer)) {
                Order.CODEC.encodeFrame(order, target);
            }
            context.writeAndFlush(answer, context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
            context.close();
        }
    }
}
