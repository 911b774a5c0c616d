/** Calls: what was noted of them, and what was not taken. */
import { call, type Conversation, day, hour, n, phone } from './writing.ts';

const appliances = ['fridge', 'washer', 'tv', 'aircon'] as const;

export const calls: Conversation[] = [
  {
    on: phone,
    queue: 'sales',
    about: [...appliances],
    subject: 'Đặt {sp} qua điện thoại',
    tags: ['giao hàng'],
    lines: [
      call('in', 312, '{Anh} {ten} đặt {sp}, giá chốt {giam}, giao {dc}, {hen} khung {gio}. Thanh toán khi nhận. Đơn {ma}.'),
      n('Khách dặn gọi trước khi giao, {hẻm nhỏ xe tải không vào được|nhà có thang máy|chỉ nhận sau giờ làm}.'),
      call('out', 74, 'Gọi xác nhận lịch giao {hen}. Khách đồng ý, sẽ có người ở nhà.', 22 * hour),
    ],
  },
  {
    on: phone,
    queue: 'sales',
    about: ['phone', 'laptop', 'tv'],
    subject: 'Tư vấn trả góp {sp}',
    tags: ['trả góp', 'tư vấn'],
    lines: [
      call(
        'in',
        268,
        'Khách hỏi trả góp {sp} 12 tháng. Đã báo mỗi tháng khoảng {gop}, cần căn cước. Khách {còn bàn với gia đình|so với bên khác|muốn ra {cn} xem máy}.',
      ),
      n('Hẹn gọi lại {hen} sau {luc}. Khách ngại bị gọi nhiều lần, chỉ gọi một cuộc.'),
      call('out', 131, 'Khách quyết định lấy {sp}, hẹn ra {cn} làm hồ sơ. Đã giữ máy theo mã {ma}.', day),
    ],
  },
  {
    on: phone,
    queue: 'sales',
    about: ['aircon', 'fridge', 'kitchen'],
    subject: 'Khảo sát lắp {sp}',
    tags: ['lắp đặt'],
    lines: [
      call('in', 195, '{Anh} {ten} xây nhà tại {dc}, muốn khảo sát vị trí lắp {so} {sp} trước khi trát tường. Hẹn {kt} {hen}.'),
      call('out', 88, '{kt} báo đã khảo sát xong, cần thêm ống đồng {so}m. Khách đồng ý báo giá {giam} một máy.', day),
    ],
  },
  {
    on: phone,
    queue: 'warranty',
    about: [...appliances, 'water'],
    subject: 'Báo hỏng {sp}: {loi}',
    tags: ['bảo hành'],
    lines: [
      call(
        'in',
        226,
        'Khách báo {sp} mua ngày {ngay} bị {loi}. Seri {seri}. Đã hướng dẫn rút điện 5 phút nhưng không được. Hẹn {kt} {hen}, {gio}, tại {dc}.',
      ),
      n('{kt}: nghi do bo mạch, mang sẵn bo thay. Cần hai người vì máy đặt trên cao.'),
      call('out', 97, 'Gọi lại sau sửa chữa: máy chạy ổn, khách hài lòng, không phát sinh chi phí.', 2 * day),
    ],
  },
  {
    on: phone,
    queue: 'warranty',
    about: ['water', 'aircon', 'washer'],
    subject: 'Nhắc lịch bảo trì {sp}',
    tags: ['bảo trì'],
    lines: [
      call('out', 84, 'Gọi nhắc khách đến hạn bảo dưỡng {sp}. Khách đồng ý {hen}, {gio}, tại {dc}. Phí {le}.'),
      n('Khách hỏi thêm giảm giá cho máy thứ hai, đã xin duyệt 10%.'),
      call('out', 61, 'Xác nhận thợ {kt} đến {luc}. Khách nhắc mang giày bọc vì nhà lát gỗ.', 20 * hour),
    ],
  },
  {
    on: phone,
    queue: 'warranty',
    about: ['laptop', 'phone', 'tv'],
    subject: 'Hỏi tiến độ phiếu bảo hành {ma}',
    tags: ['bảo hành', 'chờ linh kiện'],
    lines: [
      call(
        'in',
        143,
        'Khách hỏi tiến độ sửa {sp} ({loi}). Đã báo linh kiện về {hen}. Khách {sốt ruột nhưng đồng ý chờ|xin mượn máy khác dùng tạm|muốn được báo qua Zalo}.',
      ),
      call('noAnswer', 0, 'Gọi báo đã có linh kiện, khách không bắt máy. Đã nhắn tin tới {sdt}.', day),
      call('out', 72, 'Khách nghe máy, hẹn qua {cn} nhận {hen}. Dặn mang biên nhận.', 5 * hour),
    ],
  },
  {
    on: phone,
    queue: 'complaint',
    about: [...appliances],
    subject: 'Gọi phàn nàn đơn {ma} giao trễ',
    tags: ['giao hàng'],
    priority: 'high',
    disposition: 'Đã giải quyết',
    lines: [
      call(
        'in',
        384,
        '{Anh} {ten} bức xúc vì đơn {ma} ({sp}) trễ {so} ngày, phải xin nghỉ làm để chờ. Đã xin lỗi, hẹn giao {hen} khung {gio}, giảm {le} phí lắp.',
      ),
      n('Đã báo điều phối: giao chuyến đầu, không được dời nữa. Khách dễ hủy đơn.'),
      call('out', 118, 'Xác nhận xe đã rời kho. Khách nguôi giận, cảm ơn vì được gọi trước.', 18 * hour),
    ],
  },
  {
    on: phone,
    queue: 'complaint',
    about: ['tv', 'fridge', 'kitchen', 'laptop'],
    subject: 'Đòi đổi {sp} do {loi}',
    tags: ['đổi trả'],
    disposition: 'Đổi trả / hoàn tiền',
    lines: [
      call(
        'in',
        421,
        'Khách yêu cầu đổi {sp} mới vì {loi} sau {so} ngày sử dụng. Đã giải thích quy trình thẩm định trong 48 giờ. Đơn {ma}, địa chỉ {dc}.',
      ),
      n('{kt} thẩm định: lỗi nhà sản xuất, đủ điều kiện đổi. Chờ {cn} soạn hàng.'),
      call('out', 102, 'Báo khách được đổi máy mới {hen}, {gio}. Khách đồng ý, dặn mang hóa đơn sang tên công ty.', day),
    ],
  },
  {
    on: phone,
    queue: 'complaint',
    about: ['aircon', 'water', 'washer'],
    subject: 'Thợ đến trễ hẹn lắp {sp}',
    tags: ['lắp đặt'],
    disposition: 'Đã giải quyết',
    lines: [
      call(
        'in',
        187,
        'Hẹn {gio} mà thợ chưa đến lắp {sp}, khách đã chờ hơn {so}0 phút. Gọi tổ lắp: kẹt ở ca trước. Xin dời 45 phút, khách miễn cưỡng đồng ý.',
      ),
      call('out', 66, 'Thợ đã đến và lắp xong. Xin lỗi khách, tặng một lần vệ sinh máy miễn phí.', 3 * hour),
    ],
  },
  {
    on: phone,
    queue: 'complaint',
    about: ['phone', 'laptop', 'audio', 'robot'],
    subject: 'Khách không nhận được tiền hoàn {ma}',
    tags: ['hoàn tiền'],
    disposition: 'Đổi trả / hoàn tiền',
    lines: [
      call(
        'in',
        233,
        'Trả {sp} ngày {ngay}, hoàn {giam} qua thẻ nhưng chưa về. Kế toán xác nhận lệnh đã chạy, ngân hàng cần 3 ngày. Hẹn báo lại {hen}.',
      ),
      n('Ngân hàng: giao dịch hoàn đang chờ đối soát. Mã tra soát đã lưu cùng đơn {ma}.'),
      call('out', 79, 'Khách xác nhận tiền đã về tài khoản.', 2 * day),
    ],
  },
];

/** What nobody took: each owes the customer a call. */
export const missedCalls: Conversation[] = [
  {
    on: phone,
    queue: 'sales',
    about: ['fridge', 'washer', 'tv', 'aircon', 'laptop', 'phone', 'kitchen', 'robot'],
    subject: 'Lời nhắn thoại: hỏi mua {sp}',
    tags: ['gọi lại'],
    lines: [
      call(
        'voicemail',
        38,
        'Lời nhắn: “Alo, {toi} là {ten} ở {tp}, muốn hỏi {sp} còn hàng không và giao về {dc} được không. Gọi lại số {sdt} giúp {toi} nhé, cảm ơn.”',
      ),
      call('out', 168, 'Gọi lại: khách hỏi {sp}, đã báo giá {giam} và ngày giao {hen}. Khách hẹn trả lời trong ngày.', 2 * hour),
      call('out', 90, 'Khách chốt mua, đơn {ma}, giao {gio}.', day),
    ],
  },
  {
    on: phone,
    queue: 'sales',
    about: ['fridge', 'washer', 'tv', 'aircon'],
    subject: 'Cuộc gọi nhỡ từ {sdt}',
    tags: ['gọi lại'],
    lines: [
      call('missed', 0, 'Cuộc gọi nhỡ từ {sdt}, nhánh 1 (Mua hàng), chờ 1 phút {so}2 giây.'),
      call('out', 142, 'Gọi lại: {anh} {ten} muốn đổi ngày giao {sp} sang {hen}. Đã dời, khung {gio}.', hour),
      n('Khách bận giờ hành chính, nên nhắn Zalo trước khi gọi.'),
    ],
  },
  {
    on: phone,
    queue: 'warranty',
    about: ['fridge', 'washer', 'tv', 'aircon', 'water', 'robot'],
    subject: 'Lời nhắn thoại: {sp} {loi}',
    tags: ['gọi lại', 'bảo hành'],
    lines: [
      call(
        'voicemail',
        52,
        'Lời nhắn: “{Toi} tên {ten}, {sp} nhà {toi} {loi}, mua hôm {ngay} ở {cn}. Nhờ cho thợ qua xem giúp, nhà ở {dc}.”',
      ),
      call('out', 204, 'Gọi lại, hẹn {kt} {hen} {gio}. Máy còn bảo hành, seri {seri}.', 2 * hour),
      call('out', 58, 'Khách báo đã sửa xong, máy chạy tốt.', 2 * day),
    ],
  },
  {
    on: phone,
    queue: 'warranty',
    about: ['water', 'kitchen', 'laptop'],
    subject: 'Gọi nhỡ nhánh bảo hành: {sdt}',
    tags: ['gọi lại'],
    lines: [
      call('missed', 0, 'Cuộc gọi nhỡ từ {sdt}, nhánh 2 (Bảo hành), chờ {so}8 giây. Khách đang có phiếu {ma} ({sp}).'),
      call('noAnswer', 0, 'Gọi lại lần một, khách không bắt máy.', hour),
      call('out', 109, 'Gọi lại lần hai: khách hỏi phí thay linh kiện {sp}, đã báo {le}. Khách đồng ý sửa.', 2 * hour),
    ],
  },
  {
    on: phone,
    queue: 'complaint',
    about: ['fridge', 'washer', 'tv', 'aircon', 'phone'],
    subject: 'Lời nhắn thoại: phàn nàn đơn {ma}',
    tags: ['gọi lại', 'giao hàng'],
    priority: 'high',
    disposition: 'Đã giải quyết',
    lines: [
      call(
        'voicemail',
        61,
        'Lời nhắn: “{Toi} gọi {so} lần rồi không ai nghe. Đơn {ma} mua {sp} hứa giao hôm qua. Ai phụ trách gọi lại cho {toi} ngay, {ten}, số {sdt}.”',
      ),
      call('out', 276, 'Gọi lại, xin lỗi khách. Kho giao bù {hen} khung {gio}, miễn phí lắp.', 3 * hour),
      n('Tổng đài quá tải lúc cao điểm, đã báo chị Thư xem lại lịch trực.'),
      call('out', 64, 'Khách đã nhận hàng, không còn phàn nàn.', day),
    ],
  },
  {
    on: phone,
    queue: 'complaint',
    about: ['robot', 'laptop', 'audio', 'kitchen'],
    subject: 'Gọi nhỡ nhánh khiếu nại: {hoten}',
    tags: ['gọi lại'],
    disposition: 'Không liên lạc được khách',
    lines: [
      call('missed', 0, 'Cuộc gọi nhỡ từ {sdt}, nhánh 3 (Khiếu nại), chờ 2 phút {so}4 giây. Đơn gần nhất: {ma} ({sp}).'),
      call('noAnswer', 0, 'Gọi lại không ai nghe máy, đã nhắn tin.', hour),
      call('out', 121, 'Khách phàn nàn giao thiếu phụ kiện {sp}. Đã gửi bù tới {dc}, dự kiến {hen}.', 4 * hour),
    ],
  },
];
