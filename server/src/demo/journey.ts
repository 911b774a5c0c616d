/** One customer's month with the shop, over every channel. Told in full, so nothing here is drawn by lot. */
import type { Script, Turn } from './script.ts';

const hour = 60;
const day = 24 * hour;

const she = (after: number, text: string): Turn => ({ after, by: 'customer', text });
const lan = (after: number, text: string): Turn => ({ after, by: 'lan', text });
const minh = (after: number, text: string): Turn => ({ after, by: 'minh', text });
const noted = (after: number, text: string): Turn => ({ after, by: 'lan', text, note: true });

/** `seat` is her place among the people. */
export function journeyOfNhung(seat: number): Script[] {
  const hers = { person: seat, assignee: 'lan' as const };
  return [
    {
      ...hers,
      channel: 'demo-widget',
      queue: 'sales',
      startedAgo: 27 * day,
      subject: 'Tủ lạnh Side by Side cho nhà 5 người',
      tags: ['tư vấn', 'VIP'],
      end: 'resolved',
      turns: [
        she(0, 'Em ơi nhà chị 5 người, đang xem con tủ Norven Side by Side 550 lít, có tốn điện lắm không em?'),
        lan(
          2,
          'Dạ em chào chị Nhung! Máy có Inverter, mỗi tháng khoảng 45 số điện thôi ạ. Chị cho em hỏi khoảng trống đặt tủ nhà mình rộng bao nhiêu ạ?',
        ),
        she(3, 'Chị đo được 95 cm, tính cả khe hở'),
        lan(2, 'Dạ tủ rộng 91 cm nên vừa ạ. Hạng Kim cương của chị được giảm thêm 5%, còn 17.640.000đ ạ.'),
        she(4, 'Để chị bàn với ông xã rồi gọi lại nhé'),
        lan(1, 'Dạ vâng, em giữ giá cho chị đến hết tuần ạ.'),
      ],
    },
    {
      ...hers,
      channel: 'demo-cti',
      queue: 'sales',
      startedAgo: 25.8 * day,
      subject: 'Chị Nhung đặt tủ lạnh Norven 550 lít',
      tags: ['giao hàng', 'VIP'],
      end: 'resolved',
      turns: [
        {
          after: 0,
          by: 'lan',
          call: { direction: 'inbound', durationSec: 348, outcome: 'answered' },
          text: 'Chị Nhung chốt tủ Norven Side by Side 550 lít, 17.640.000đ, giao ngõ 68 Cầu Giấy sáng thứ Bảy. Cần chở giúp tủ cũ. Đơn SM-20417.',
        },
        noted(4, 'Khách Kim cương, ngõ rộng 2,5 m: đi xe tải nhỏ. Tủ cũ 180 lít, thu 600.000đ.'),
      ],
    },
    {
      ...hers,
      channel: 'demo-zalo',
      queue: 'sales',
      startedAgo: 24 * day,
      subject: 'Dời giờ giao tủ lạnh SM-20417',
      tags: ['giao hàng'],
      end: 'resolved',
      turns: [
        she(0, 'Lan ơi sáng thứ Bảy chị bận họp phụ huynh, em dời sang chiều giúp chị nhé'),
        lan(3, 'Dạ được chị ơi, em dời sang 14h–16h cùng ngày ạ. Tài xế gọi chị trước 30 phút.'),
        she(2, 'Cảm ơn em, chu đáo quá 😊'),
      ],
    },
    {
      ...hers,
      channel: 'demo-mail',
      queue: 'complaint',
      startedAgo: 21.5 * day,
      subject: 'Cánh tủ lạnh bị xước khi giao – đơn SM-20417',
      tags: ['giao hàng', 'đổi trả', 'VIP'],
      priority: 'high',
      disposition: 'Đổi trả / hoàn tiền',
      end: 'resolved',
      turns: [
        she(
          0,
          'Kính gửi Sao Mai,\n\nTủ lạnh giao chiều thứ Bảy chạy tốt, nhưng sau khi bóc lớp ni lông tôi thấy cánh phải có vết xước dài khoảng 12 cm. Tôi gửi kèm ba tấm ảnh. Máy mới hơn 17 triệu, mong công ty thay cánh khác giúp.\n\nTrân trọng,\nNguyễn Thị Hồng Nhung',
        ),
        lan(
          96,
          'Kính chào chị Nhung,\n\nEm rất xin lỗi chị về vết xước. Em đã đặt cánh tủ mới từ hãng, dự kiến ba ngày nữa có, anh Toàn sẽ đến thay tại nhà và chị không mất chi phí nào ạ.\n\nTrân trọng,\nNgọc Lan',
        ),
        noted(5, 'Đội giao hàng thừa nhận va vào cổng. Trừ lỗi vận chuyển, không trừ hãng.'),
        she(3 * day, 'Chào Lan,\n\nAnh Toàn vừa thay cánh xong, đẹp như mới. Cảm ơn em và công ty.\n\nNhung'),
        lan(40, 'Kính chào chị Nhung,\n\nEm mừng lắm ạ. Em gửi chị phiếu vệ sinh tủ miễn phí thay lời xin lỗi.\n\nTrân trọng,\nNgọc Lan'),
      ],
    },
    {
      ...hers,
      channel: 'demo-mail',
      queue: 'sales',
      startedAgo: 14.2 * day,
      subject: 'Xin hóa đơn công ty cho đơn SM-20417',
      tags: ['hóa đơn'],
      assignee: 'minh',
      end: 'resolved',
      turns: [
        she(
          0,
          'Chào Sao Mai,\n\nNhờ xuất giúp tôi hóa đơn VAT cho chiếc tủ lạnh theo tên công ty TNHH May Hồng Nhung, thông tin trong tệp đính kèm.\n\nCảm ơn,\nHồng Nhung',
        ),
        minh(
          130,
          'Kính chào chị Nhung,\n\nHóa đơn điện tử đã được gửi tới email của chị. Nếu cần chỉnh thông tin gì chị báo em trong tuần này nhé.\n\nTrân trọng,\nQuang Minh',
        ),
      ],
    },
    {
      ...hers,
      channel: 'demo-widget',
      queue: 'warranty',
      startedAgo: 6.1 * day,
      subject: 'Tủ lạnh kêu lạ về đêm',
      tags: ['bảo hành'],
      end: 'resolved',
      turns: [
        she(0, 'Em ơi tủ Norven nhà chị dạo này nửa đêm kêu "cạch cạch", có sao không em?'),
        lan(3, 'Dạ chị Nhung, tiếng đó thường do khay đá tự động nhả đá ạ. Chị tắt thử chế độ làm đá tối nay giúp em nhé.'),
        she(5, 'Ừ để tối chị thử'),
        she(14 * hour, 'Hết kêu rồi em ạ, hay thật'),
        lan(2, 'Dạ may quá ạ! Khi nào cần đá chị bật lại ban ngày là được.'),
      ],
    },
    {
      ...hers,
      channel: 'demo-mail',
      queue: 'warranty',
      startedAgo: 29 * hour,
      subject: 'Gia hạn bảo hành tủ lạnh thêm hai năm',
      tags: ['bảo hành', 'VIP'],
      turns: [
        she(
          0,
          'Chào Lan,\n\nChị muốn mua thêm gói gia hạn bảo hành hai năm cho tủ Norven. Nhờ em báo giá và cho biết gói có gồm máy nén không.\n\nNhung',
        ),
        lan(
          110,
          'Kính chào chị Nhung,\n\nGói hai năm là 1.190.000đ, khách Kim cương còn 990.000đ, đã gồm máy nén và công thay ạ. Chị xác nhận giúp em để em gửi hợp đồng điện tử nhé.\n\nTrân trọng,\nNgọc Lan',
        ),
      ],
    },
    {
      ...hers,
      channel: 'demo-zalo',
      queue: 'warranty',
      startedAgo: 62,
      subject: 'Tủ lạnh Norven ngăn mát không lạnh',
      tags: ['bảo hành', 'VIP'],
      priority: 'urgent',
      turns: [
        she(0, 'Lan ơi sáng nay tủ không lạnh nữa, ngăn mát 14 độ rồi, đồ ăn cả nhà trong đó 😢'),
        lan(3, 'Dạ em đây chị ơi, chị xem giúp em đèn quạt bên trong còn sáng không ạ?'),
        she(4, 'Còn sáng nhưng không nghe tiếng quạt'),
        lan(2, 'Dạ vậy nhiều khả năng quạt ngăn mát đứng. Em đang tìm thợ gần nhà mình nhất ạ.'),
        noted(3, 'Anh Toàn đang ở Long Biên, anh Hậu rảnh từ trưa. Chờ anh Hậu xác nhận.'),
        she(15, 'Em ơi có thợ chưa, chị phải chuyển đồ sang nhà hàng xóm rồi'),
        she(6, 'Trưa nay có kịp không em?'),
      ],
    },
  ];
}
